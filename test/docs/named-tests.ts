/** Tests by name: what pages say of them, and whether the compiled tree has them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiled tests: .build. */
const base = fileURLToPath(new URL('../../', import.meta.url));

export interface ParityRow {
  line: number;
  theirs: string;
  ours: string;
  tests: string[];
}

/** Rows of the tables whose third column is `Test`. */
export function parityRows(text: string): ParityRow[] {
  const rows: ParityRow[] = [];
  let inside = false;
  for (const [i, line] of text.split('\n').entries()) {
    if (!line.startsWith('|')) inside = false;
    else if (/\| Test \|$/.test(line)) inside = true;
    else if (inside && !/^\|[-|]+$/.test(line)) {
      const [theirs = '', ours = '', tests = ''] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      rows.push({ line: i + 1, theirs, ours, tests: [...tests.matchAll(/`([^`]+)`/g)].map((m) => m[1]!) });
    }
  }
  return rows;
}

/** A compiled file and what it imports of the tests, as one text. */
function source(path: string, seen = new Set<string>()): string {
  if (seen.has(path) || !existsSync(path)) return '';
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/from '(\.[^']+)'/g)].map((m) => join(dirname(path), m[1]!));
  return [text, ...imports.filter((p) => p.includes('/test/')).map((p) => source(p, seen))].join('\n');
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Literals of a text that can be names of tests, as patterns: a part that is filled in stands for anything. */
function names(text: string): RegExp[] {
  const found: RegExp[] = [];
  for (const [, body] of text.matchAll(/`((?:[^`\\]|\\.)*)`/g)) {
    const fixed = body!.split(/\$\{[^}]*\}/);
    // What is nothing but a part that is filled in would be any name.
    if (fixed.join('').trim().length >= 4) found.push(new RegExp(`^${fixed.map(escaped).join('.+')}$`));
  }
  for (const [, , body] of text.matchAll(/(['"])((?:(?!\1)[^\\\n]|\\.)*)\1/g))
    found.push(new RegExp(`^${escaped(body!.replace(/\\(.)/g, '$1'))}$`));
  return found;
}

const known = new Map<string, RegExp[]>();

/** Whether a test named `test/file.test.ts > name > inner name` is in the compiled tree. */
export function hasTest(reference: string): boolean {
  const [file = '', ...parts] = reference.split(' > ');
  const path = join(base, file.replace(/\.ts$/, '.js'));
  if (!existsSync(path)) return false;
  const patterns = known.get(path) ?? names(source(path));
  known.set(path, patterns);
  const tables = readFileSync(path, 'utf8');
  // A table of rows is named after its object, and that comes first.
  const nested = parts.length < 2 || new RegExp(`parity\\(\\s*'${escaped(parts[0]!)}'`).test(tables);
  return parts.length < 3 && nested && parts.every((part) => patterns.some((pattern) => pattern.test(part)));
}
