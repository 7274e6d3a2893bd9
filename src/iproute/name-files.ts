/**
 * Names that the administrator gave to numbers, in the files that `ip` reads: /usr/share/iproute2, then /etc/iproute2,
 * which overrules, each with a folder `NAME.d` of more. They are read when they are first asked, and once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { InputError, show } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';

const FOLDERS = ['/usr/share/iproute2', '/etc/iproute2'];

/** Names by the number of something, such as a routing table. */
export class NameFile {
  #numbers: Map<string, number> | undefined;
  #names: Map<number, string> | undefined;

  constructor(
    /** Name of the file, such as `rt_tables`. */
    readonly file: string,
    /** Largest number; others in the files are passed over. */
    readonly max: number,
    /** Where the files are; a later folder overrules an earlier one. */
    readonly folders: readonly string[] = FOLDERS,
  ) {}

  #read(): { numbers: Map<string, number>; names: Map<number, string> } {
    if (this.#numbers === undefined || this.#names === undefined) {
      const numbers = new Map<string, number>();
      const names = new Map<number, string>();
      for (const folder of this.folders) {
        for (const path of [`${folder}/${this.file}`, ...parts(`${folder}/${this.file}.d`)]) {
          for (const [number, name] of entries(path)) {
            if (number > this.max) continue;
            numbers.set(name, number);
            names.set(number, name);
          }
        }
      }
      this.#numbers = numbers;
      this.#names = names;
    }
    return { numbers: this.#numbers, names: this.#names };
  }

  /** The number of a name, or undefined. */
  number(name: string): number | undefined {
    return this.#read().numbers.get(name);
  }

  /** The name of a number, or the number itself where there is none. */
  name(number: number): string | number {
    return this.#read().names.get(number) ?? number;
  }

  /** All names with their numbers. */
  entries(): [name: string, number: number][] {
    return [...this.#read().numbers];
  }

  /** Forgets what was read: the next call reads the files again. */
  reload(): void {
    this.#numbers = undefined;
    this.#names = undefined;
  }
}

/** The files of a folder that count, in the order of their names; none when there is no such folder. */
function parts(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.conf') && !file.startsWith('.'))
      .sort()
      .map((file) => `${folder}/${file}`);
  } catch {
    return [];
  }
}

/** Lines of `number name`, the number in decimal or hexadecimal; comments begin with #. What is none is passed over, as `ip` does. */
function entries(path: string): [number, string][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line): [number, string][] => {
    const found = /^\s*(0x[0-9a-f]+|\d+)\s+([^\s#]+)/i.exec(line);
    return found === null ? [] : [[Number(found[1]), found[2]!]];
  });
}

const U32 = 0xffffffff;

/** Routing tables: `rt_tables`. */
export const rtTables = new NameFile('rt_tables', U32);
/** Who made a route: `rt_protos`. */
export const rtProtos = new NameFile('rt_protos', 255);
/** Distances to a destination: `rt_scopes`. */
export const rtScopes = new NameFile('rt_scopes', 255);
/** Realms of routes: `rt_realms`. */
export const rtRealms = new NameFile('rt_realms', 0xffff);
/** Values of the DS field: `rt_dsfield`. */
export const rtDsfield = new NameFile('rt_dsfield', 255);
/** Groups of links: `group`. */
export const linkGroups = new NameFile('group', U32);
/** Who made an address: `rt_addrprotos`. */
export const addrProtos = new NameFile('rt_addrprotos', 255);

/**
 * Names of routing tables, protocols and so on that a program uses as words, besides those that the kernel has. Open to
 * declaration merging: `interface NamesInFiles { table: 'vpn' }`; then `route('add', { table: 'vpn' })` compiles. At run
 * time every name of the files is understood.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface NamesInFiles {}

/** Words of a kind that a program declared. */
export type FileName<K extends string> = NamesInFiles extends Record<K, infer Word extends string> ? Word : never;

/** A key whose words are in a file, and those that the kernel has itself. */
export type NamedKey = readonly [key: string, file: NameFile, known: object];

/**
 * `spec`, or a copy of it in which words that are in the files are numbers. Words of the kernel's own are left alone, so
 * that no file is read for them; and so are those that nobody knows: they are refused later.
 */
export function named<T extends object>(spec: T, keys: readonly NamedKey[]): T {
  let copy: Rec | undefined;
  for (const [key, file, known] of keys) {
    const value = (spec as Rec)[key];
    if (typeof value !== 'string' || value === '' || Object.hasOwn(known, value)) continue;
    const number = file.number(value);
    if (number === undefined) continue;
    copy ??= { ...(spec as Rec) };
    copy[key] = number;
  }
  return (copy ?? spec) as T;
}

/** RTA_FLOW of `to` or `from/to`: numbers, or names of `rt_realms`. */
export function realms(value: unknown): number {
  const bad = () =>
    new InputError('ERR_INVALID_VALUE', 'realms', `${show(value)} is not a realm, or two such as from/to`);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  if (typeof value !== 'string') throw bad();
  const parts = value.split('/').map((part) => (/^\d+$/.test(part) ? Number(part) : rtRealms.number(part)));
  if (parts.length > 2 || parts.some((part) => part === undefined || part > 0xffff)) throw bad();
  const [first, second] = parts as number[];
  return second === undefined ? first! : ((first! << 16) | second) >>> 0;
}
