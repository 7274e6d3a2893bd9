/** Commands of a family before they are sent: checked, and as bytes. */
import { InputError, show, suggest } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { Writer } from '../codec/writer.js';
import { GenlFamilyDef, type GenlOp } from '../genl/family.js';
import type { GenlFamily } from './genl-lookup.js';
import type { Outgoing } from './socket.js';

/** The command of a name, asked in one of `modes`. Throws InputError. */
export function opOf(family: GenlFamilyDef, op: string, modes: readonly string[]): GenlOp {
  if (!(family instanceof GenlFamilyDef))
    throw new InputError('ERR_INVALID_VALUE', 'family', `expected what defineFamily gives, got ${show(family)}`);
  const { ops } = family.spec;
  const found = typeof op === 'string' && Object.hasOwn(ops, op) ? ops[op] : undefined;
  if (found === undefined) {
    const near = typeof op === 'string' ? suggest(op, Object.keys(ops)) : '';
    throw new InputError('ERR_INVALID_VALUE', 'op', `${show(op)} is not a command of ${family.name}${near}`);
  }
  if (!modes.includes(found.mode)) {
    const how = found.mode === 'dump' ? 'a list: ask by dump or stream' : 'no list: ask by request';
    throw new InputError('ERR_INVALID_VALUE', 'op', `${op} gives ${how}`);
  }
  return found;
}

/** The payload of a command. Throws InputError; names of interfaces are noted in the writer, to be looked up. */
export function encode(family: GenlFamilyDef, cmd: GenlOp, spec: unknown): Writer {
  const w = new Writer(256);
  cmd.request.write(w, spec as Rec);
  w.u8[0] = cmd.cmd;
  w.u8[1] = family.spec.version;
  return w;
}

/** The message of a payload for the family with number `id`. */
export const outgoing = (op: string, cmd: GenlOp, payload: Writer, id: number): Outgoing => ({
  op,
  type: id,
  flags: 0,
  def: cmd.request,
  put(w) {
    const base = w.pos;
    w.append(payload.u8.subarray(0, payload.pos));
    for (const reference of payload.references) w.references.push({ ...reference, p: base + reference.p });
  },
});

/** The number of a family's group. Throws InputError. */
export function groupId(family: GenlFamily, group: string): number {
  const found = family.mcastGroups.find(({ name }) => name === group);
  if (found === undefined)
    throw unknownGroup(
      family.familyName,
      group,
      family.mcastGroups.map(({ name }) => name),
    );
  return found.id;
}

/** Refuses a name that a declared family does not list, before anything is sent. */
export function checkGroups(family: GenlFamilyDef | undefined, groups: readonly unknown[]): void {
  const known = family?.spec.groups;
  for (const group of groups) {
    if (typeof group !== 'string' || group === '')
      throw new InputError('ERR_INVALID_VALUE', 'groups', `expected the name of a group, got ${show(group)}`);
    if (known !== undefined && !known.includes(group)) throw unknownGroup(family!.name, group, known);
  }
}

const unknownGroup = (family: string, group: string, known: readonly string[]): InputError =>
  new InputError(
    'ERR_INVALID_VALUE',
    'groups',
    `${show(group)} is not a group of ${family}${suggest(group, known)}; it has ${known.join(', ') || 'none'}`,
  );
