/** Holds our tables against the facts. Everything that does not agree is a line of text. */
import { EXCEPTIONS, type Exception } from './exceptions.js';
import type { FactSet, Facts, Missing } from './facts.js';
import { BORROWED, CONSTANTS, ELEMENTS, NUMBERED_BY } from './mapping.js';
import { compareStructs } from './structs.js';
import type { Found } from './tables.js';
import { agrees, wireOf } from './wire.js';
import { compareWords } from './words.js';

export interface Counts {
  tables: number;
  attributes: number;
  /** Attributes whose width, sign and order the specs tell. */
  typed: number;
  messages: number;
  structs: number;
  members: number;
  constants: number;
  words: number;
  missing: number;
}

export interface Report {
  problems: string[];
  /** What the tables lack now. */
  lacks: Missing;
  counts: Counts;
}

/** Exceptions, and which of them were needed. */
export class Allowed {
  /** By name and difference; whether it was needed. */
  readonly #rows = new Map<string, boolean>();

  constructor(rows: readonly Exception[]) {
    for (const { names, theirs, ours } of rows)
      for (const name of names) this.#rows.set(`${name}: ${ours} for ${theirs}`, false);
  }

  has(name: string, theirs: string, ours: string): boolean {
    const key = `${name}: ${ours} for ${theirs}`;
    return this.#rows.has(key) && this.#rows.set(key, true) !== undefined;
  }

  *idle(): Iterable<string> {
    for (const [key, needed] of this.#rows)
      if (!needed) yield `${key}: the row in tools/drift/exceptions.ts is not needed any more, remove it`;
  }
}

/** The set that has most of some names. */
function setOf(facts: Facts, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const [set, { attrs }] of Object.entries(facts.sets)) {
    const count = names.filter((n) => attrs[n] !== undefined).length;
    if (count > most) [best, most] = [set, count];
  }
  return best;
}

const nameIn = ({ attrs }: FactSet, id: number): string | undefined =>
  Object.keys(attrs).find((name) => attrs[name]![0] === id);

/** Names of each set that the tables have. */
export type Known = Map<string, Set<string>>;

function compareTables(found: Found, facts: Facts, allowed: Allowed, counts: Counts, problems: string[]): Known {
  const known: Known = new Map();
  for (const { table, path, attrs } of found.tables) {
    if (attrs.length === 0) continue;
    counts.tables++;
    counts.attributes += attrs.length;
    const group = NUMBERED_BY[table.prefix];
    if (group !== undefined) {
      for (const { name, id } of attrs) {
        const value = facts.macros[group]?.[name];
        if (value !== id) problems.push(`${path}: ${name} = ${id}, the headers say ${value ?? 'nothing of it'}`);
      }
      continue;
    }
    const names = attrs.map((a) => a.name);
    const set = setOf(facts, names) ?? (facts.sets[table.prefix] === undefined ? undefined : table.prefix);
    if (set === undefined) {
      problems.push(
        `${path}: ${names[0]} and the others of table ${table.prefix} are in none of the headers. Add the header that ` +
          'declares them to HEADERS in tools/drift/mapping.ts (then `npm run drift -- --write`), or, when constants ' +
          "number them, a row `PREFIX: 'GROUP'` to NUMBERED_BY there",
      );
      continue;
    }
    const fact = facts.sets[set]!;
    const have = known.get(set) ?? new Set();
    known.set(set, have);
    for (const attr of attrs) {
      const entry = fact.attrs[attr.name];
      if (entry === undefined) {
        problems.push(
          `${attr.path}: ${attr.name} is not in ${fact.header}; number ${attr.id} of ${set} is ${nameIn(fact, attr.id) ?? 'free'}`,
        );
        continue;
      }
      have.add(attr.name);
      const [id, ...wires] = entry;
      if (id !== attr.id) problems.push(`${attr.path}: ${attr.name} = ${attr.id}, ${fact.header} says ${id}`);
      if (wires.length > 0) counts.typed++;
      for (const ours of wires.length === 0 ? [] : wireOf(attr.type)) {
        if (wires.some((theirs) => agrees(theirs, ours) || allowed.has(attr.name, theirs, ours))) continue;
        problems.push(`${attr.path}: ${attr.name} is ${ours} (${attr.type.name}), the specs say ${wires.join(' or ')}`);
      }
    }
  }
  return known;
}

/** Arrays whose elements have a number of their own know that attribute, too. */
function compareElements(found: Found, facts: Facts, known: Known, problems: string[]): void {
  for (const { name, type, path } of found.tables.flatMap(({ attrs }) => attrs)) {
    const { elementType } = type.aux;
    const element = ELEMENTS[name];
    if (element === undefined || !elementType) continue;
    const set = Object.keys(facts.sets).find((s) => facts.sets[s]!.attrs[element] !== undefined);
    const id = set === undefined ? undefined : facts.sets[set]!.attrs[element]![0];
    if (id === elementType) known.set(set!, (known.get(set!) ?? new Set()).add(element));
    else problems.push(`${path}: elements are number ${elementType}, ${element} is ${id ?? 'in no header'}`);
  }
}

function compareMessages(found: Found, facts: Facts, counts: Counts, problems: string[]): void {
  const numbers = new Map([...Object.values(facts.macros), ...Object.values(facts.enums)].flatMap(Object.entries));
  for (const def of found.messages) {
    for (const [name, type] of Object.entries(def.types)) {
      counts.messages++;
      const value = numbers.get(name);
      if (value !== type) problems.push(`${def.name}: ${name} = ${type}, the headers say ${value ?? 'nothing of it'}`);
    }
  }
}

/** Compares groups of constants; what the kernel has besides is returned by group. */
function compareConstants(found: Found, facts: Facts, counts: Counts, problems: string[]): Record<string, string[]> {
  const lacks: Record<string, string[]> = {};
  for (const [group, words] of found.constants) {
    const row = CONSTANTS[group];
    const theirs = facts.macros[group] ?? {};
    const nameOf = row?.nameOf ?? ((word: string) => `${group}_${word.toUpperCase().replaceAll('-', '_')}`);
    const have = new Set<string>();
    const unknown: string[] = [];
    for (const [word, value] of Object.entries(words)) {
      if (row?.aliases?.includes(word)) continue;
      counts.constants++;
      const name = nameOf(word);
      const number = theirs[name];
      if (number === undefined) unknown.push(name);
      else if ((row?.bits ? 2 ** (number - (row.first ?? 0)) : number) !== value)
        problems.push(`constants ${group}.${word}: ${name} = ${value}, the headers say ${number}`);
      have.add(name);
    }
    if (unknown.length > 0)
      problems.push(
        `constants ${group}: the headers have no ${unknown.join(', ')}. Add a row for ${group} to CONSTANTS in ` +
          'tools/drift/mapping.ts that says what the kernel calls them (then `npm run drift -- --write`)',
      );
    const values = new Set([...have].map((name) => theirs[name]));
    const absent = Object.keys(theirs).filter((name) => !values.has(theirs[name]));
    if (absent.length > 0) lacks[group] = absent;
  }
  return lacks;
}

function absentAttrs(facts: Facts, known: Known): Missing['attrs'] {
  const attrs: Missing['attrs'] = {};
  for (const [set, fact] of Object.entries(facts.sets)) {
    if (BORROWED.test(set)) continue;
    const have = known.get(set);
    // Two names of one number are one attribute.
    const ids = new Set([...(have ?? [])].map((name) => fact.attrs[name]![0]));
    const absent = Object.keys(fact.attrs).filter((name) => !ids.has(fact.attrs[name]![0]));
    if (absent.length > 0) attrs[set] = have === undefined || have.size === 0 ? 'all' : absent;
  }
  return attrs;
}

export function compare(found: Found, facts: Facts, exceptions: readonly Exception[] = EXCEPTIONS): Report {
  const allowed = new Allowed(exceptions);
  const counts: Counts = {
    tables: 0,
    attributes: 0,
    typed: 0,
    messages: 0,
    structs: 0,
    members: 0,
    constants: 0,
    words: 0,
    missing: 0,
  };
  const problems = found.lost.map(
    (place) => `${place} is in no table that a message leads to: register it where its siblings are, or export it`,
  );
  const known = compareTables(found, facts, allowed, counts, problems);
  compareElements(found, facts, known, problems);
  compareMessages(found, facts, counts, problems);
  const constants = compareConstants(found, facts, counts, problems);
  const members = compareStructs(found, facts, allowed, counts, problems);
  compareWords(found, facts, counts, problems);
  problems.push(...allowed.idle());
  const lacks = { attrs: absentAttrs(facts, known), constants, members };
  return { problems, lacks, counts };
}
