/** What headers and specs say, as committed: one line a set, an enum or a struct. Made by `npm run drift -- --write`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Attributes of one enum. */
export interface FactSet {
  header: string;
  /** By the kernel's name: number, and how the specs describe it (wire.ts); several where kinds share the set. */
  attrs: Record<string, [number, ...string[]]>;
}

export interface FactStruct {
  size: number;
  /** By the kernel's name: offset, and the type as wire.ts writes it (`u8[6]` for arrays). */
  members: Record<string, [number, string]>;
}

export interface Facts {
  /** Version of the headers. */
  headers: string;
  /** Attribute sets by the prefix of their names. */
  sets: Record<string, FactSet>;
  /** Other enums, by tag or first name. */
  enums: Record<string, Record<string, number>>;
  /** Macros that are numbers, by group. */
  macros: Record<string, Record<string, number>>;
  structs: Record<string, FactStruct>;
}

/** What the kernel has and the tables lack. Committed, and may only shrink. */
export interface Missing {
  /** By attribute set. */
  attrs: Record<string, string[] | 'all'>;
  /** By group. */
  constants: Record<string, string[]>;
  /** By struct. */
  members: Record<string, string[]>;
}

/** The repository, from here or from where this is compiled to. */
export const root = (() => {
  const here = join(dirname(fileURLToPath(import.meta.url)), '../..');
  return here.endsWith('.build') ? dirname(here) : here;
})();

const FACTS = join(root, 'tools/drift/facts.json');
const MISSING = join(root, 'tools/drift/missing.json');

const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
export const readFacts = (): Facts => read(FACTS);
export const readMissing = (): Missing => read(MISSING);

/** JSON with one line for each key of the second level. */
function lines(value: object): string {
  const parts = Object.entries(value).map(([key, inner]) => {
    const flat = typeof inner !== 'object' || Object.keys(inner).length === 0;
    if (flat) return `  ${JSON.stringify(key)}: ${JSON.stringify(inner)}`;
    const [open, close] = Array.isArray(inner) ? '[]' : '{}';
    const rows = Object.entries(inner as object).map(([k, v]) =>
      Array.isArray(inner) ? `    ${JSON.stringify(v)}` : `    ${JSON.stringify(k)}: ${JSON.stringify(v)}`,
    );
    return `  ${JSON.stringify(key)}: ${open}\n${rows.join(',\n')}\n  ${close}`;
  });
  return `{\n${parts.join(',\n')}\n}\n`;
}

export const writeFacts = (facts: Facts): void => writeFileSync(FACTS, lines(facts));
export const writeMissing = (missing: Missing): void => writeFileSync(MISSING, lines(missing));
