/** From an offset in a request to the path of the attribute there: what an extended acknowledgement points at. */
import { align4, type Bytes } from './bytes.js';
import type { MessageDef } from './message.js';
import { readValue, takeIssues } from './read.js';
import type { Table } from './table.js';
import type { AnyType } from './type.js';
import * as T from './type.js';

/** The table inside a payload, when it is a nest; and the key it goes by. */
export function inside(
  s: Bytes,
  table: Table,
  start: number,
  end: number,
  type: AnyType,
  base: number,
): { table: Table; place?: string } | undefined {
  const { aux } = type;
  if (aux.nest !== undefined) return { table: aux.nest };
  if (aux.family !== undefined)
    return inside(s, table, start, end, aux.family.families[s.u8[base]!] ?? aux.family.other, base);
  if (type.op === T.OP_MANY && aux.inner !== undefined) return inside(s, table, start, end, aux.inner, base);
  if (aux.variant === undefined) return undefined;
  const { by, pick, place } = aux.variant;
  const entry = table.compiled.byKey.get(by);
  if (entry === undefined) return undefined;
  for (let pos = start; end - pos >= 4; ) {
    const len = s.u16[pos >> 1]!;
    if (len < 4 || len > end - pos) break;
    if ((s.u16[(pos >> 1) + 1]! & 0x3fff) === entry.id) {
      const sibling = readValue(entry.type, s, pos + 4, len - 4, base) as string | number;
      takeIssues();
      const found = pick(sibling)?.aux.nest;
      return found === undefined ? undefined : { table: found, place: place(sibling) };
    }
    pos += align4(len);
  }
  return undefined;
}

function walk(
  s: Bytes,
  table: Table,
  start: number,
  end: number,
  base: number,
  offset: number,
  path: string[],
): Table | undefined {
  for (let pos = start; end - pos >= 4; ) {
    const len = s.u16[pos >> 1]!;
    if (len < 4 || len > end - pos) return undefined;
    if (offset >= pos && offset < pos + align4(len)) {
      const id = s.u16[(pos >> 1) + 1]! & 0x3fff;
      const type = table.compiled.types[id];
      const nested = type === undefined ? undefined : inside(s, table, start, end, type, base);
      if (!(type?.aux.flat && offset !== pos)) path.push(nested?.place ?? table.compiled.keys[id] ?? String(id));
      if (offset === pos || nested === undefined) return nested?.table;
      const header = nested.table.header === undefined ? 0 : align4(nested.table.header.size);
      return (
        walk(s, nested.table, pos + 4 + header, pos + len, header > 0 ? pos + 4 : base, offset, path) ?? nested.table
      );
    }
    pos += align4(len);
  }
  return undefined;
}

/**
 * The path of the attribute at `offset` in the payload of `n` bytes at `p`, or undefined when there is none; an
 * offset into the fixed header gives the member. `missing` is the number of an attribute that should be inside it.
 */
export function pathAt(
  def: MessageDef<object>,
  s: Bytes,
  p: number,
  n: number,
  offset: number | undefined,
  missing?: number,
): string | undefined {
  const start = p + align4(def.header.size);
  const path: string[] = [];
  let table: Table | undefined = def.table;
  if (offset !== undefined) {
    if (offset >= p && offset < start) {
      const at = offset - p;
      return def.header.fields.findLast((field) => field.offset <= at)?.key;
    }
    table = walk(s, def.table, start, p + n, p, offset, path);
  }
  if (missing !== undefined) path.push(table?.compiled.keys[missing] || String(missing));
  return path.length === 0 ? undefined : path.join('.');
}
