/** How an attribute is on the wire, in words that specs and our types share: `u32`, `be16`, `nest`, `struct rtmsg`. */
import type { AnyType } from '../../src/codec/type.js';
import * as T from '../../src/codec/type.js';

const LEAF: Readonly<Record<number, string>> = {
  [T.OP_U8]: 'u8',
  [T.OP_BOOL8]: 'u8',
  [T.OP_U16]: 'u16',
  [T.OP_U32]: 'u32',
  [T.OP_S32]: 's32',
  [T.OP_U64]: 'u64',
  [T.OP_BE16]: 'be16',
  [T.OP_BE32]: 'be32',
  [T.OP_CSTR]: 'string',
  [T.OP_FLAG]: 'flag',
  [T.OP_DST]: 'ip',
  [T.OP_STRUCT]: 'struct',
  [T.OP_NEST]: 'nest',
  [T.OP_VARIANT]: 'payload',
  [T.OP_SKIP]: 'pad',
  [T.OP_BYTES]: 'bytes',
  [T.OP_ARRAY]: 'array',
  [T.OP_NEST_ARRAY]: 'nests',
};

/** Types of `custom` that are integers of one width, by their name. */
const INTEGERS = new Set(['s8', 's16', 's64', 'be64', 'uint', 'sint']);

/** What a type may be on the wire: one word, more where reading and writing differ or the family decides. */
export function wireOf(type: AnyType): string[] {
  const { aux, op } = type;
  if (aux.family !== undefined) return [...Object.values(aux.family.families), aux.family.other].flatMap(wireOf);
  if (op === T.OP_MANY) return wireOf(aux.inner!);
  if (op === T.OP_ENUM) return wireOf(aux.words!.base);
  const written = aux.inner !== undefined && op !== T.OP_ARRAY && op !== T.OP_NEST_ARRAY ? aux.inner : undefined;
  const others = written === undefined || written.name === type.name ? [] : wireOf(written);
  return [one(type), ...others];
}

function one({ op, name, size }: AnyType): string {
  if (op === T.OP_IP) return size === 4 ? 'ip4' : size === 16 ? 'ip6' : 'ip';
  if (op === T.OP_LLADDR) return size === 6 ? 'mac' : 'lladdr';
  if (op === T.OP_CUSTOM) return INTEGERS.has(name) ? name : name === 'id64' ? 'u64' : 'custom';
  return LEAF[op] ?? 'custom';
}

const INTEGER = /^([us](8|16|32|64|int)|be(16|32|64)|uint|sint)$/;
/** What may stand for bytes without a width of their own. */
const BINARY = /^(bytes|struct|ip|ip4|ip6|mac|lladdr|array|nests|nest|payload|custom|string)$/;
const SIZES: Readonly<Record<string, number>> = { ip4: 4, ip6: 16, mac: 6, u8: 1, u16: 2, be16: 2, u32: 4, be32: 4 };

/** Whether what the specs say and one of our words can both be. `custom` is written by hand: nothing is known of it. */
export function agrees(fact: string, ours: string): boolean {
  if (ours === fact || ours === 'custom' || fact === 'pad') return true;
  if (ours === 'pad') return false;
  if (INTEGER.test(fact) || fact === 'flag') return false;
  const [kind, detail] = fact.split(' ');
  if (kind === 'ip4' || kind === 'ip6') return ours === 'ip' || ours === (kind === 'ip4' ? 'be32' : 'bytes');
  if (kind === 'ip') return /^(ip|ip4|ip6|bytes)$/.test(ours);
  if (kind === 'mac') return ours === 'lladdr' || ours === 'bytes';
  if (kind === 'string') return false;
  if (kind === 'nest' || kind === 'nests' || kind === 'payload') return /^(nest|nests|payload|bytes)$/.test(ours);
  if (kind === 'bitfield32') return ours === 'struct';
  if (kind === 'struct') return ours === 'struct' || ours === 'bytes' || ours === 'nests' || ours === 'array';
  // Bytes; a number of them where the specs give one.
  const size = SIZES[ours];
  if (detail !== undefined && size !== undefined) return size === Number(detail);
  return BINARY.test(ours);
}
