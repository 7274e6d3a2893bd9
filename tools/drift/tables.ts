/**
 * Our tables, found by walking: from every message definition of the rooms of tables, through nests and registries.
 * Nothing has to be listed; what is declared and not reached is told.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageDef } from '../../src/codec/message.js';
import { StructDef } from '../../src/codec/struct.js';
import { Table } from '../../src/codec/table.js';
import { type AnyType, Type } from '../../src/codec/type.js';
import { GenlFamilyDef } from '../../src/genl/family.js';
import { KINDS } from '../../src/proxies/kinds.js';

/** Compiled rooms that hold tables. */
const SRC = join(dirname(fileURLToPath(import.meta.url)), '../../src');
const ROOMS = ['rtnl', 'genl', 'nfnl', 'diag'];

export interface FoundAttr {
  key: string;
  id: number;
  /** The kernel's name by the table's rule. */
  name: string;
  type: AnyType;
  /** How it is reached: `ifinfmsg.linkinfo.vxlan.id`. */
  path: string;
}

export interface FoundStruct {
  def: StructDef<object>;
  /** Kernel's name of the attribute, or name of the message, that it belongs to. */
  of: string;
  path: string;
}

export interface FoundWords {
  words: ReadonlyMap<string, number>;
  of: string;
  path: string;
}

export interface Found {
  messages: MessageDef<object>[];
  tables: { table: Table; path: string; attrs: FoundAttr[] }[];
  structs: FoundStruct[];
  words: FoundWords[];
  /** Exported groups of constants by their name. */
  constants: Map<string, Readonly<Record<string, number>>>;
  /** Declarations that no message leads to. */
  lost: string[];
}

/** Walks from messages and types; each table, struct and map of words is found once. */
export class Walk {
  readonly found: Found = { messages: [], tables: [], structs: [], words: [], constants: new Map(), lost: [] };
  readonly #seen = new Map<unknown, Set<string>>();
  readonly #types = new Set<AnyType>();
  /** Tables to be walked: those near a message first, so that paths are short. */
  readonly #queue: { table: Table; path: string }[] = [];

  /** Whether something is new; what several attributes share is new for each. */
  #first(what: unknown, of = ''): boolean {
    const before = this.#seen.get(what);
    if (before === undefined) this.#seen.set(what, new Set([of]));
    else if (before.has(of)) return false;
    else before.add(of);
    return true;
  }

  message(def: MessageDef<object>): void {
    if (!this.#first(def)) return;
    this.found.messages.push(def);
    this.struct(def.header, def.name, def.name);
    this.table(def.table, def.name);
  }

  table(table: Table, path: string): void {
    if (this.#first(table)) this.#queue.push({ table, path });
  }

  /** Options that no kernel ever sees: they have no names or numbers of its own to be compared. */
  pass(type: AnyType): void {
    if (type.aux.nest !== undefined) this.#first(type.aux.nest);
  }

  /** Walks what was named so far. */
  run(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { table, path } = next;
      const attrs = [...table.compiled.byKey.values()].map(({ key, id, type }) => ({
        key,
        id,
        type,
        name: table.nameOf(key),
        path: `${path}.${key}`,
      }));
      this.found.tables.push({ table, path, attrs });
      for (const { type, name, path } of attrs) this.type(type, name, path);
    }
  }

  struct(def: StructDef<object>, of: string, path: string): void {
    if (this.#first(def, of)) this.found.structs.push({ def, of, path });
  }

  /** A struct that nothing led to so far: part of what a custom type reads. */
  unseenStruct(def: StructDef<object>, name: string): void {
    if (!this.#seen.has(def)) this.struct(def, name, name);
  }

  /** Walks a type that nothing led to so far. */
  unseen(type: AnyType, name: string): void {
    if (!this.#types.has(type)) this.type(type, name, name);
  }

  type(type: AnyType, of: string, path: string): void {
    this.#types.add(type);
    const { nest, inner, elements, family, variant, struct, words, run } = type.aux;
    if (nest !== undefined) this.table(nest, path);
    if (nest?.header !== undefined) this.struct(nest.header, of, path);
    if (struct !== undefined) this.struct(struct, of, path);
    if (words !== undefined && this.#first(words, of)) this.found.words.push({ words: words.values, of, path });
    if (inner !== undefined) this.type(inner, of, path);
    if (elements !== undefined) this.type(elements, of, path);
    if (run !== undefined) {
      this.struct(run.header, of, path);
      this.table(run.table, path);
    }
    for (const one of family === undefined ? [] : [...Object.values(family.families), family.other])
      this.type(one, of, path);
    if (variant === undefined) return;
    for (const place of variant.places()) {
      const payload = variant.pick(variant.siblingOf(place)!);
      const beside = variant.wrap ? `${path}.${place}` : `${path.slice(0, path.lastIndexOf('.'))}.${place}`;
      if (payload !== undefined) this.type(payload, of, beside);
    }
  }
}

const isConstants = (value: unknown): value is Readonly<Record<string, number>> =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.keys(value).length > 0 &&
  Object.values(value).every((v) => typeof v === 'number');

function modules(): string[] {
  const list: string[] = [];
  for (const room of ROOMS) {
    let files: string[] = [];
    try {
      files = readdirSync(join(SRC, room), { recursive: true, encoding: 'utf8' });
    } catch {
      // A room that is not there yet.
    }
    for (const file of files.filter((f) => f.endsWith('.js')).sort()) list.push(join(room, file));
  }
  return list;
}

/** A message class, which has its definition. */
const isMessageClass = (value: unknown): value is { def: MessageDef<object> } =>
  typeof value === 'function' && (value as { def?: unknown }).def instanceof MessageDef;

/** Walks from what a family of generic netlink takes and tells. */
function family(walk: Walk, { spec }: GenlFamilyDef): void {
  for (const { request, reply } of Object.values(spec.ops)) for (const def of [request, reply]) walk.message(def);
  for (const { reply } of Object.values(spec.events ?? {})) walk.message(reply);
}

/** Everything that the rooms of tables declare. */
export async function findTables(): Promise<Found> {
  const walk = new Walk();
  const { found } = walk;
  for (const type of KINDS.values()) walk.pass(type);
  const files = modules();
  const exported: [string, unknown][] = [];
  for (const file of files) {
    const module = (await import(pathToFileURL(join(SRC, file)).href)) as Record<string, unknown>;
    exported.push(...Object.entries(module));
  }
  for (const [, value] of exported) {
    if (value instanceof MessageDef) walk.message(value);
    else if (value instanceof GenlFamilyDef) family(walk, value);
    else if (isMessageClass(value)) walk.message(value.def);
  }
  walk.run();
  for (const [name, value] of exported) {
    if (value instanceof Table) walk.table(value, name);
    // What a message leads to has been seen; the rest is for registries that are filled later.
    else if (value instanceof Type) walk.unseen(value, name);
    else if (value instanceof StructDef) walk.unseenStruct(value, name);
    else if (/^[A-Z][A-Z0-9_]*$/.test(name) && isConstants(value)) found.constants.set(name, value);
  }
  walk.run();
  found.lost.push(...files.flatMap((file) => lost(file, found)));
  return found;
}

/** Attributes and structs in the text of a module that were not found by walking. */
function lost(file: string, found: Found): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const known = new Set(found.tables.flatMap(({ attrs }) => attrs.map(({ key, id }) => `${key} ${id}`)));
  const attrs = [...text.matchAll(/(\w+|'[^']+'): attr\((\d+)/g)].map(([, key, id]) => [key!.replaceAll("'", ''), id]);
  const list = attrs
    .filter(([key, id]) => !known.has(`${key} ${id}`))
    .map(([key, id]) => `src/${file.replace(/js$/, 'ts')}: ${key}: attr(${id}, ...)`);
  const literals = found.structs.map(({ def }) => String(def.make));
  for (const { index, 0: call } of text.matchAll(/(?<![.\w])struct\(/g)) {
    const body = text.slice(index + call.length);
    if (!literals.some((literal) => body.startsWith(literal)))
      list.push(`src/${file.replace(/js$/, 'ts')}: struct(${body.slice(0, 60).replace(/\s+/g, ' ')}...)`);
  }
  return list;
}
