/** Facts from the kernel's headers, with types from the specs where those are given. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LITTLE } from '../../src/codec/bytes.js';
import { Compiler, type Layout } from './evaluate.js';
import { type FactSet, type FactStruct, type Facts, root } from './facts.js';
import { CONSTANTS, HEADERS, NO_STRUCTS, VALUES } from './mapping.js';
import { type CEnum, type CStruct, parseC } from './parse-c.js';
import type { SpecFact } from './specs.js';

/** Folder that holds `linux/`, and the version of the headers in it. */
export interface HeaderFolder {
  folder: string;
  version: string;
}

/** Fetches the newest headers, or finds those of before. Throws with what the script said. */
export function fetchHeaders(): HeaderFolder {
  const script = join(root, 'tools/drift/headers.sh');
  const { status, stdout, stderr } = spawnSync('bash', [script], { encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) throw new Error(`the kernel's headers could not be had: ${stderr.trim() || `status ${status}`}`);
  process.stderr.write(stderr);
  const [folder = '', version = ''] = stdout.trim().split('\n');
  return { folder, version };
}

/** Headers in a folder of the caller's. */
export function givenHeaders(folder: string): HeaderFolder {
  const text = readFileSync(join(folder, 'linux/version.h'), 'utf8');
  const part = (name: string): string => new RegExp(`LINUX_VERSION_${name} (\\d+)`).exec(text)?.[1] ?? '?';
  return { folder, version: `${part('MAJOR')}.${part('PATCHLEVEL')}.${part('SUBLEVEL')}` };
}

/** The prefix of an attribute set's names, by the enumerator at its end; undefined for enums that are none. */
function setName({ enumerators }: CEnum): string | undefined {
  for (const name of enumerators) {
    const sure = /^__(\w+)_MAX$/.exec(name)?.[1];
    if (sure !== undefined) return VALUES.test(sure) ? undefined : sure;
    // The few that end otherwise have an UNSPEC at their start.
    const first = /^(\w+)_UNSPEC$/.exec(enumerators[0] ?? '')?.[1];
    const maybe = /^__\w+_AFTER_LAST$/.test(name) ? first : /^(?:__|NUM_)(\w+?)(?:_CNT|_END)?$/.exec(name)?.[1];
    if (maybe !== undefined && enumerators.includes(`${maybe}_UNSPEC`) && !VALUES.test(maybe)) return maybe;
  }
  return undefined;
}

/** Names that count, and stand for nothing. */
const isEnd = (name: string, set?: string): boolean =>
  /^__|^NUM_/.test(name) || (set === undefined ? name.endsWith('_MAX') : name === `${set}_MAX`);

/** The machine's number for one of `width` bits that the headers have in the network's order. */
function inHostOrder(value: number, width: number): number {
  const view = new DataView(new ArrayBuffer(4));
  if (width === 16) {
    view.setUint16(0, value, LITTLE);
    return view.getUint16(0);
  }
  view.setUint32(0, value, LITTLE);
  return view.getUint32(0);
}

/** The type of a member in the words of wire.ts: its width and sign from the compiler, its order from the text. */
function memberType(
  declared: string,
  array: boolean,
  { size, signed }: { size: number; signed: boolean | null },
): string {
  if (/\bin6_addr\b/.test(declared)) return 'u8[16]';
  if (array) return /\b(__u8|unsigned char|char|uint8_t)\b/.test(declared) ? `u8[${size}]` : `${declared}[${size}]`;
  if (signed === null) return `${declared.replaceAll(' ', '_')}:${size}`;
  const order = /^__be/.test(declared) ? 'be' : signed ? 's' : 'u';
  return `${order}${size * 8}`;
}

function structFacts({ members }: CStruct, layout: Layout): FactStruct {
  const facts: FactStruct = { size: layout.size, members: {} };
  for (const { name, type, array } of members) {
    const at = layout.members.get(name)!;
    facts.members[name] = [at.offset, memberType(type, array, at)];
  }
  return facts;
}

/** `groups` are the names of our groups of constants: they say which macros are of interest. */
export function headerFacts(
  { folder, version }: HeaderFolder,
  groups: readonly string[],
  specs: ReadonlyMap<string, SpecFact[]>,
): Facts {
  const compiler = new Compiler(folder, HEADERS);
  try {
    const wanted = new Set(HEADERS);
    const { enums, structs } = parseC(compiler.preprocessed());
    const ours = enums.filter((e) => wanted.has(e.header));
    const names = ours.flatMap((e) => e.enumerators);
    const patterns = new Map(groups.map((g) => [g, CONSTANTS[g]?.names ?? new RegExp(`^${g}_\\w+$`)]));
    const macros = compiler.macros(new RegExp([...patterns.values()].map((p) => p.source).join('|')), new Set(names));
    const values = compiler.values([...new Set([...names, ...macros.keys()])]);
    for (const [name, width] of macros) if (width > 0) values.set(name, inHostOrder(values.get(name)!, width));
    const facts: Facts = { headers: version, sets: {}, enums: {}, macros: {}, structs: {} };
    for (const one of ours) {
      const set = setName(one);
      const members = one.enumerators.filter((n) => !isEnd(n, set));
      if (set === undefined) facts.enums[one.name] = Object.fromEntries(members.map((n) => [n, values.get(n)!]));
      else facts.sets[set] = { header: one.header, attrs: attributes(set, members, values, specs) };
    }
    for (const [group, pattern] of patterns) {
      const found = [...names, ...macros.keys()].filter((n) => pattern.test(n) && !isEnd(n));
      facts.macros[group] = Object.fromEntries([...new Set(found)].map((n) => [n, values.get(n)!]));
    }
    const shown = structs.filter((s) => wanted.has(s.header) && !NO_STRUCTS.test(s.header));
    const layouts = compiler.layouts(shown);
    for (const struct of shown) facts.structs[struct.name] = structFacts(struct, layouts.get(struct.name)!);
    return facts;
  } finally {
    compiler.close();
  }
}

function attributes(
  set: string,
  names: readonly string[],
  values: ReadonlyMap<string, number>,
  specs: ReadonlyMap<string, SpecFact[]>,
): FactSet['attrs'] {
  const attrs: FactSet['attrs'] = {};
  for (const name of names) {
    if (name === `${set}_UNSPEC` || (values.get(name) === 0 && /_(UNSPEC|NONE|UNUSED)$/.test(name))) continue;
    const wires = new Set((specs.get(name) ?? []).map((s) => s.wire));
    attrs[name] = [values.get(name)!, ...wires];
  }
  return attrs;
}
