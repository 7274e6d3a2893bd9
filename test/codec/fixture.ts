/** A message for tests: eight bytes of header, and whatever table a test wants. */
import { InputError } from '../../src/codec/errors.js';
import { MessageDef, type MessageSpec } from '../../src/codec/message.js';
import { struct } from '../../src/codec/struct.js';
import { type AnyType, type AttrMap, attr, type Rec } from '../../src/codec/type.js';
import { Writer } from '../../src/codec/writer.js';

export const HEADER = 8;
export const header = struct(
  (r) => ({ family: r.u8(0), dstLen: r.u8(1), table: r.u8(2), flags: r.u8(3), index: r.s32(4) }),
  HEADER,
  { family: { inet: 2, inet6: 10 }, flags: { a: 1, b: 2, c: 4 } },
);

export const define = (table: AttrMap, more: Partial<MessageSpec<object>> = {}): MessageDef<Rec, Rec> =>
  new MessageDef<Rec, Rec>({ name: 'testmsg', prefix: 'TEST', header, table, types: {}, ...more });

/** A message with one attribute, `v`, of number 1. */
export const single = (type: AnyType): MessageDef<Rec, Rec> => define({ v: attr(1, type) });

const w = new Writer(16);

/** The attributes of what `o` encodes to, as hex. */
export const hex = (def: MessageDef<Rec, Rec>, o: Rec): string =>
  Buffer.from(def.encode(w, o))
    .toString('hex')
    .slice(2 * HEADER);

/** What attributes decode to, without the header's members. */
export function attrs(def: MessageDef<Rec, Rec>, text: string, head = '00'.repeat(HEADER)): Rec {
  const o: Rec = { ...def.decode(new Uint8Array(Buffer.from(head + text, 'hex'))) };
  for (const { key } of def.header.fields) delete o[key];
  return o;
}

/** One attribute as hex: length and type in front, zeros behind. */
export function tlv(type: number, payload: string): string {
  const n = payload.length / 2;
  const head = Buffer.alloc(4);
  head.writeUInt16LE(n + 4, 0);
  head.writeUInt16LE(type, 2);
  return head.toString('hex') + payload + '00'.repeat(-n & 3);
}

/** The code and the path of the InputError that `write` throws; what else it throws, as text. */
export function refusal(write: () => unknown): string {
  try {
    write();
  } catch (error) {
    return error instanceof InputError ? `${error.code} ${error.field}` : String(error);
  }
  return 'nothing was thrown';
}
