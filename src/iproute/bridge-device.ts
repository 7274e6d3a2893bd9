/** Requests about a bridge or one of its ports in the bridge's own family, as `bridge` makes them. */
import { InputError, show, within } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { interfaceIndex } from '../codec/write.js';
import type { Writer } from '../codec/writer.js';
import type { Outgoing } from '../netlink/socket.js';
import { AF, BRIDGE_FLAGS, RTM } from '../rtnl/constants.js';
import { ifinfmsg } from '../rtnl/ifinfmsg.js';
import { assertDefined } from './select.js';

/** BRIDGE_FLAGS_* for `master` and `self`; undefined where neither is said. */
export function bridgeFlags({ master, self }: Rec): number | undefined {
  for (const [key, value] of [
    ['master', master],
    ['self', self],
  ] as const)
    if (value !== undefined && value !== true)
      throw new InputError('ERR_INVALID_VALUE', key, `expected true, got ${show(value)}`);
  if (master === undefined && self === undefined) return undefined;
  return (master ? BRIDGE_FLAGS.master : 0) | (self ? BRIDGE_FLAGS.self : 0);
}

/** The link of a request: `dev` or another word for it, which is an index. Throws when neither is there, or no link. */
export function deviceOf(spec: Rec, index = 'index'): { key: string; dev: number | string } {
  const given: Rec = {};
  for (const key of ['dev', index]) if (Object.hasOwn(spec, key)) given[key] = spec[key];
  assertDefined(given);
  const keys = Object.keys(given);
  const [key] = keys;
  if (key === undefined) throw new InputError('ERR_MISSING_KEY', 'dev', `or ${index} is needed: the link`);
  if (keys.length > 1) throw new InputError('ERR_CONFLICT', 'dev', `is another word for ${index}, which is given`);
  const dev = given[key];
  if (typeof dev === 'string' && key === 'dev') {
    if (dev === '') throw new InputError('ERR_INVALID_VALUE', key, 'is empty');
    return { key, dev };
  }
  if (typeof dev !== 'number' || !Number.isInteger(dev))
    throw new InputError(
      'ERR_INVALID_VALUE',
      key,
      `expected ${key === 'dev' ? 'a name or ' : ''}an index, got ${show(dev)}`,
    );
  if (dev < 1 || dev > 0x7fffffff)
    throw new InputError('ERR_OUT_OF_RANGE', key, `${dev} is no link: they count from 1 to 2147483647`);
  return { key, dev };
}

/** Puts the index of a link at `p`, or notes its name. */
export function putDevice(w: Writer, p: number, { key, dev }: { key: string; dev: number | string }): void {
  w.u32[p >> 2] = within(key, () => interfaceIndex(w, p, dev));
}

/** A request of family AF_BRIDGE about the link that `spec` selects. */
export function bridgeDevice(op: 'RTM_SETLINK' | 'RTM_DELLINK', spec: Rec, value: Rec): Outgoing {
  const device = deviceOf(spec);
  return {
    op,
    type: RTM[op],
    flags: 0,
    def: ifinfmsg,
    put(w) {
      const at = w.pos + 4;
      ifinfmsg.write(w, { family: AF.bridge, ...value });
      putDevice(w, at, device);
    },
  };
}
