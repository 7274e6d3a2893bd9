/** Nests by number: read, written, refused; hostile ones are kept as bytes. */
import t from 'tap';
import { Writer } from '../../src/codec/writer.js';
import { attr, InputError, message, nest, numbered, struct, u8, u32 } from '../../src/index.js';

const inner = nest<{ a?: number }>('T_IN', { a: attr(1, u32) });
interface Value {
  flat?: Readonly<Record<number, number>>;
  deep?: Readonly<Record<number, Readonly<Record<number, { a?: number }>>>>;
}
const def = message<Value, Value>({
  name: 'numbered',
  prefix: 'T',
  header: struct(() => ({}), 4),
  table: { flat: attr(1, numbered(u32)), deep: attr(2, numbered(numbered(inner))) },
  types: {},
});
const w = new Writer();
const hex = (o: Value): string => Buffer.from(def.encode(w, o)).toString('hex');
const decode = (text: string) => def.decode(new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex')));

t.test('elements have their numbers, nests their flag', async (t) => {
  t.equal(
    hex({ flat: { 7: 1, 3: 0x01020304 } }),
    '00000000 14000180 08000300 04030201 08000700 01000000'.replaceAll(' ', ''),
  );
  const deep = { deep: { 0: { 5: { a: 9 } }, 300: { 1: { a: 1 }, 2: {} } } };
  t.equal(
    hex(deep),
    `00000000 28000280 10000080 0c000580 08000100 09000000 14002c81 0c000180 08000100 01000000 04000280`.replaceAll(
      ' ',
      '',
    ),
  );
  t.same(decode(hex(deep)), deep);
  t.same(decode('00000000 0c000100 08000900 05000000'), { flat: { 9: 5 } }, 'without the flag as well');
});

t.test('what is bad is kept as bytes', async (t) => {
  for (const [what, payload] of Object.entries({
    'an element that does not fit': '10000300 05000000',
    'an element of another size': '06000300 05000000',
    'a length below four': '03000300 05000000',
    'the same number twice': '08000300 05000000 08000380 05000000',
  })) {
    const bytes = Buffer.from(payload.replaceAll(' ', ''), 'hex');
    const head = Buffer.from([bytes.length + 4, 0, 1, 0]);
    const value = decode(`00000000${head.toString('hex')}${bytes.toString('hex')}`);
    t.equal(value.flat, undefined, what);
    t.match(value.errors, [{ path: 'flat', type: 1 }], what);
    t.same(Buffer.from(value.unknown?.[0]?.data ?? []), bytes, what);
  }
});

t.test('input', async (t) => {
  const refused = (o: unknown, code: string, field: string) =>
    t.throws(() => def.encode(w, o as Value), { name: 'InputError', code, field }, field);
  refused({ flat: { x: 1 } }, 'ERR_UNKNOWN_KEY', 'flat.x');
  refused({ flat: { 16384: 1 } }, 'ERR_UNKNOWN_KEY', 'flat.16384');
  refused({ flat: { '01': 1 } }, 'ERR_UNKNOWN_KEY', 'flat.01');
  refused({ flat: { '-1': 1 } }, 'ERR_UNKNOWN_KEY', 'flat.-1');
  refused({ flat: { 1: -1 } }, 'ERR_OUT_OF_RANGE', 'flat.1');
  refused({ flat: [1] }, 'ERR_INVALID_VALUE', 'flat');
  refused({ deep: { 1: { 2: { b: 1 } } } }, 'ERR_UNKNOWN_KEY', 'deep.1.2.b');
  t.equal(hex({ flat: { 1: undefined as unknown as number } }), '0000000004000180', 'an absent element is not sent');
  t.throws(() => numbered(u8) && def.encode(w, { flat: 5 } as never), InputError);
});
