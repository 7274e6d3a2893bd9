/** Numbers and structs of the kernel's headers that are installed here (package linux-libc-dev). */
import { existsSync, readFileSync } from 'node:fs';

const FOLDER = '/usr/include/linux/';
export const missing: false | string = existsSync(`${FOLDER}if_link.h`)
  ? false
  : 'the kernel headers are not installed';

const text = (file: string): string =>
  readFileSync(`${FOLDER}${file}`, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\\\n/g, ' ');

/** A constant expression of the few forms that headers use, or undefined. */
function evaluate(expression: string, known: ReadonlyMap<string, number>): number | undefined {
  const plain = expression.trim().replace(/(\d)U?L?\b/g, '$1');
  const shift = /^\(?\s*1\s*<<\s*(\d+)\s*\)?$/.exec(plain);
  if (shift !== null) return 2 ** Number(shift[1]);
  if (/^\(?(0x[0-9a-f]+|\d+)\)?$/i.test(plain)) return Number(plain.replace(/[()]/g, ''));
  return known.get(plain);
}

/** Enumerators and defines of some headers, by name. */
export function numbers(...files: string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const file of files) {
    const source = text(file);
    for (const [, body] of source.matchAll(/enum\s*\w*\s*\{([^}]*)\}/g)) {
      let next: number | undefined = 0;
      for (const item of body!.replace(/^\s*#.*$/gm, '').split(',')) {
        const [name, value] = item.split('=').map((part) => part.trim());
        if (!name) continue;
        if (value !== undefined) next = evaluate(value, found);
        if (next === undefined) continue;
        found.set(name, next++);
      }
    }
    for (const [, name, value] of source.matchAll(/^#define[ \t]+(\w+)[ \t]+(\S.*)$/gm)) {
      const number = evaluate(value!, found);
      if (number !== undefined && !found.has(name!)) found.set(name!, number);
    }
  }
  return found;
}

/** Members of a struct, in order. */
export function members(file: string, struct: string): string[] {
  const body = new RegExp(`struct\\s+${struct}\\s*\\{([^}]*)\\}`).exec(text(file))?.[1] ?? '';
  return [...body.matchAll(/__\w+\s+(\w+)(\[\d+\])?;/g)].map(([, name]) => name!);
}
