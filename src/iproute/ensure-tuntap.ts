/** tun and tap devices that are ensured: they are made as `tuntap` and read as `tun`, and never changed. */
import { InputError, show } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';

const MODES: readonly unknown[] = [undefined, 'tun', 'tap'];

/** The options that are asked for, and the path at which the call has them. */
function optionsOf(spec: Rec): [path: string, options: Rec] {
  const inner = isRec(spec.linkinfo) ? spec.linkinfo.tuntap : undefined;
  const [path, options] = inner === undefined ? ['tuntap', spec.tuntap] : ['linkinfo.tuntap', inner];
  return [path, isRec(options) ? options : {}];
}

/** Refuses a device that lasts only as long as a descriptor: nobody would hold that. */
export function assertPersists(spec: Rec): void {
  const [path, { persist }] = optionsOf(spec);
  if (persist === undefined || persist === true) return;
  throw new InputError(
    'ERR_CONFLICT',
    `${path}.persist`,
    `is ${show(persist)}: such a device lasts as long as a descriptor, which ensure does not hand out; link add does`,
  );
}

/** Throws when the device that is there has other options than those that are said. */
export function assertTuntap(spec: Rec, tun: unknown): void {
  const [path, options] = optionsOf(spec);
  const row = isRec(tun) ? tun : {};
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const mode = key === 'mode';
    const now = row[mode ? 'type' : key];
    if (now === (mode && typeof value === 'number' ? MODES[value] : value)) continue;
    throw new InputError(
      'ERR_CONFLICT',
      `${path}.${key}`,
      `is ${now === undefined ? 'not set' : show(now)}, and cannot be changed to ${show(value)}`,
    );
  }
}
