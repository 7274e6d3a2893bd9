/** Compares our structs with those of the headers, member by member. */
import { align4 } from '../../src/codec/bytes.js';
import { FIELD_SIZE, type FieldKind } from '../../src/codec/struct.js';
import { upperSnake } from '../../src/codec/table.js';
import type { Allowed, Counts } from './compare.js';
import type { FactStruct, Facts } from './facts.js';
import { ELEMENTS, HEADER_STRUCTS, OWN_STRUCTS, STRUCTS } from './mapping.js';
import type { Found, FoundStruct } from './tables.js';

const snake = (key: string): string => upperSnake(key).toLowerCase();

/** Whether a member of ours may stand for the header's. Bytes of a header may be an address or a number. */
function fits(theirs: string, ours: FieldKind): boolean {
  const bytes = /^u8\[(\d+)\]$/.exec(theirs)?.[1];
  if (bytes !== undefined) return FIELD_SIZE[ours] === Number(bytes) && /^(mac|ip6|be16|be32|u64|id64)$/.test(ours);
  return theirs === (ours === 'id64' ? 'u64' : ours);
}

/** Members that say nothing: padding, and lengths that the codec sets. */
const isFiller = (name: string): boolean =>
  /(^|_)(pad\d*|reserved\d*|rsvd|unused|resvd\d*|res[12])$|^rtnh_len$/.test(name);

/** A member for a key: the kernel's name is the key's, with a prefix or without. */
const named = (member: string, key: string): boolean => member === snake(key) || member.endsWith(`_${snake(key)}`);

type Place = string | readonly [string, number, number];

/** The name of the struct that a declaration stands for, or an array by an enum. */
function lookUp({ of, path }: FoundStruct, facts: Facts): Place | undefined {
  const row = HEADER_STRUCTS[of] ?? STRUCTS[of];
  if (row !== undefined) return row;
  if (!path.includes('.')) return of;
  const name = ELEMENTS[of] ?? of;
  for (const { attrs } of Object.values(facts.sets)) {
    const struct = attrs[name]?.slice(1).find((w) => String(w).startsWith('struct '));
    if (struct !== undefined) return String(struct).slice('struct '.length);
  }
  return undefined;
}

/** The same, by another place where our struct is used. */
function lookUpElsewhere(one: FoundStruct, found: Found, facts: Facts): Place | undefined {
  const same = found.structs.find((other) => other.def === one.def && lookUp(other, facts) !== undefined);
  return same && lookUp(same, facts);
}

/** An array of numbers that an enum indexes, as a struct. */
function arrayFacts(facts: Facts, name: string, bytes: number, first: number): FactStruct | undefined {
  const set = facts.sets[name];
  const values: Record<string, number> | undefined =
    set === undefined
      ? Object.values(facts.enums).find((e) => Object.keys(e)[0]?.startsWith(`${name}_`))
      : Object.fromEntries(Object.entries(set.attrs).map(([n, [id]]) => [n, id]));
  if (values === undefined) return undefined;
  const members = Object.entries(values).map(([n, id]): [string, [number, string]] => [
    n.slice(name.length + 1).toLowerCase(),
    [(id - first) * bytes, `${bytes * 8}`],
  ]);
  return { size: Math.max(...members.map(([, [offset]]) => offset)) + bytes, members: Object.fromEntries(members) };
}

/** Returns the members that the headers have and we lack, by struct. */
export function compareStructs(
  found: Found,
  facts: Facts,
  allowed: Allowed,
  counts: Counts,
  problems: string[],
): Record<string, string[]> {
  const lacks: Record<string, string[]> = {};
  for (const one of found.structs) {
    if (OWN_STRUCTS[one.of] !== undefined) continue;
    const row = lookUp(one, facts) ?? lookUpElsewhere(one, found, facts);
    const name = typeof row === 'string' ? row : row?.[0];
    const fact =
      typeof row === 'string' ? facts.structs[row] : row === undefined ? undefined : arrayFacts(facts, ...row);
    if (name === undefined || fact === undefined) {
      problems.push(
        `${one.path}: which struct is it? ${name === undefined ? '' : `The headers have no struct ${name}. `}Add a row \`${one.of}: 'name_of_struct'\` to ` +
          `${one.path.includes('.') ? 'STRUCTS' : 'HEADER_STRUCTS'} in tools/drift/mapping.ts`,
      );
      continue;
    }
    counts.structs++;
    const absent = compareOne(one, name, fact, typeof row === 'object', allowed, counts, problems);
    if (absent.length > 0) lacks[name] = absent;
  }
  return lacks;
}

function compareOne(
  { def, path }: FoundStruct,
  name: string,
  fact: FactStruct,
  isArray: boolean,
  allowed: Allowed,
  counts: Counts,
  problems: string[],
): string[] {
  const seen = new Set<string>();
  for (const { key, kind, offset } of def.fields) {
    counts.members++;
    const at = Object.keys(fact.members).filter((m) => fact.members[m]![0] === offset);
    const member = at.find((m) => named(m, key));
    if (member === undefined) {
      const right = Object.keys(fact.members).find((m) => named(m, key));
      const where =
        right === undefined
          ? `which has ${at.join(', ') || 'nothing'} there`
          : `where it is at ${fact.members[right]![0]}`;
      if (right === undefined && at[0] !== undefined && allowed.has(`${name}.${at[0]}`, at[0], key)) seen.add(at[0]);
      else problems.push(`${path}.${key}: offset ${offset} in struct ${name}, ${where}`);
      continue;
    }
    seen.add(member);
    const theirs = fact.members[member]![1];
    // Of arrays the headers tell the width alone.
    const good = isArray ? Number(theirs) === 8 * FIELD_SIZE[kind] : fits(theirs, kind);
    if (!good && !allowed.has(`${name}.${member}`, theirs, kind))
      problems.push(`${path}.${key}: ${kind}, the headers say ${theirs} (struct ${name}, ${member})`);
  }
  // Netlink fills up to a multiple of four.
  if (align4(def.size) !== align4(fact.size) && !isArray)
    problems.push(`${path}: ${def.size} bytes, struct ${name} has ${fact.size}`);
  return Object.keys(fact.members).filter((m) => !seen.has(m) && !isFiller(m));
}
