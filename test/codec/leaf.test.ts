/** Every type of the vocabulary, both ways, at its limits and beyond. */
import t from 'tap';
import { LITTLE } from '../../src/codec/bytes.js';
import * as leaf from '../../src/codec/leaf.js';
import { attr } from '../../src/codec/type.js';
import { Writer } from '../../src/codec/writer.js';
import { attrs, define, hex, refusal, single, tlv } from './fixture.js';
import { subjects } from './leaf-subjects.js';

for (const [name, { type, both, write = [], read = [], bad, broken }] of Object.entries(subjects)) {
  t.test(name, { skip: LITTLE ? false : 'the bytes are little-endian' }, async (t) => {
    const def = single(type);
    for (const [value, payload] of [...both, ...write])
      t.equal(hex(def, { v: value }), tlv(1, payload), `writes ${payload || 'nothing'}`);
    for (const [value, payload] of [...both, ...read])
      t.strictSame(attrs(def, tlv(1, payload)), { v: value }, `reads ${payload || 'nothing'}`);
    for (const [value, code, field = 'v'] of bad)
      t.equal(
        refusal(() => hex(def, { v: value })),
        `${code} ${field}`,
      );
    for (const payload of broken) {
      const { errors, unknown, ...rest } = attrs(def, tlv(1, payload)) as {
        errors: { path: string; type: number; offset: number }[];
        unknown: unknown;
      };
      t.strictSame(rest, {}, `${payload.length / 2} bytes give no value`);
      t.strictSame(
        errors.map(({ path, type, offset }) => ({ path, type, offset })),
        [{ path: 'v', type: 1, offset: 8 }],
      );
      t.strictSame(unknown, [{ type: 1, data: new Uint8Array(Buffer.from(payload, 'hex')) }], 'and stay as they are');
    }
    t.equal(hex(def, { v: undefined }), '', 'undefined is not sent');
    t.equal(hex(def, {}), '', 'nor is what is absent');
  });
}

t.test('false flag is not sent', async (t) => {
  t.equal(hex(single(leaf.flag), { v: false }), '');
});

t.test('skip is neither read nor written', async (t) => {
  const def = single(leaf.skip);
  t.strictSame(attrs(def, tlv(1, '00000000')), {});
  t.equal(
    refusal(() => hex(def, { v: 1 })),
    'ERR_UNKNOWN_KEY v',
  );
});

t.test('many: one attribute an element, order kept', async (t) => {
  const def = single(leaf.many(leaf.u16));
  const text = tlv(1, '0500') + tlv(1, '0300') + tlv(1, '0500');
  t.equal(hex(def, { v: [5, 3, 5] }), text);
  t.strictSame(attrs(def, text), { v: [5, 3, 5] });
  t.equal(hex(def, { v: [] }), '');
  t.equal(
    refusal(() => hex(def, { v: 5 })),
    'ERR_INVALID_VALUE v',
  );
  t.equal(
    refusal(() => hex(def, { v: [1, 'x'] })),
    'ERR_INVALID_VALUE v[1]',
  );
  t.match(
    attrs(def, tlv(1, '0500') + tlv(1, '00')),
    { v: [5], errors: [{ path: 'v' }] },
    'one bad element leaves the others',
  );
});

t.test('nestArray: numbered elements', async (t) => {
  const def = single(leaf.nestArray(leaf.u16));
  const text = tlv(0x8001, tlv(1, '0500') + tlv(2, '0300'));
  t.equal(hex(def, { v: [5, 3] }), text);
  t.strictSame(attrs(def, text), { v: [5, 3] });
  t.equal(
    hex(single(leaf.nestArray(leaf.u16, 7)), { v: [5, 3] }),
    tlv(0x8001, tlv(7, '0500') + tlv(7, '0300')),
    'or all of one number',
  );
  const inner = leaf.nest('X', { a: attr(1, leaf.u32) });
  t.equal(
    hex(single(leaf.nestArray(inner)), { v: [{ a: 1 }] }),
    tlv(0x8001, tlv(0x8001, tlv(1, '01000000'))),
    'of nests',
  );
  t.equal(
    refusal(() => hex(single(leaf.nestArray(inner)), { v: [{}, { b: 1 }] })),
    'ERR_UNKNOWN_KEY v[1].b',
  );
  t.match(attrs(def, tlv(1, tlv(1, '00'))), { errors: [{ path: 'v' }] });
});

t.test('by family', async (t) => {
  const def = single(leaf.byFamily({ 2: leaf.u8 }, leaf.u32));
  t.equal(hex(def, { family: 2, v: 1 }), tlv(1, '01'));
  t.equal(hex(def, { family: 10, v: 1 }), tlv(1, '01000000'));
  t.strictSame(attrs(def, tlv(1, '01'), '0200000000000000'), { v: 1 });
  t.strictSame(attrs(def, tlv(1, '01000000')), { v: 1 });
  t.match(attrs(def, tlv(1, '01')), { errors: [{ path: 'v' }] });
});

t.test('prefix: the length is in the header', async (t) => {
  const def = define({ dst: attr(1, leaf.prefix(1)), gateway: attr(5, leaf.ipByFamily) });
  const read = (text: string, head: string) => attrs(def, text, head).dst;
  t.equal(read(tlv(1, '0a000000'), '0208000000000000'), '10.0.0.0/8');
  t.equal(read(tlv(1, '0a000001'), '0220000000000000'), '10.0.0.1/32');
  t.equal(read(tlv(1, `20010db8${'00'.repeat(12)}`), '0a20000000000000'), '2001:db8::/32');
  t.equal(read(tlv(1, '00000000'), '0200000000000000'), 'default');
  t.match(
    attrs(def, tlv(1, '0a000000'), '0221000000000000'),
    { errors: [{ path: 'dst' }] },
    'a length beyond the address',
  );
  t.match(attrs(def, tlv(1, '0a00'), '0208000000000000'), { errors: [{ path: 'dst' }] });
  const full = (o: Record<string, unknown>) => Buffer.from(def.encode(new Writer(), o)).toString('hex');
  t.equal(full({ dst: '10.0.0.0/8' }), `0208000000000000${tlv(1, '0a000000')}`);
  t.equal(full({ dst: '10.0.0.1' }), `0220000000000000${tlv(1, '0a000001')}`, 'a bare address is a host');
  t.equal(full({ dst: '10.0.0.0', dstLen: 8 }), `0208000000000000${tlv(1, '0a000000')}`);
  t.equal(full({ dst: '10.0.0.0/255.0.0.0' }), `0208000000000000${tlv(1, '0a000000')}`);
  t.equal(full({ dst: 'default' }), '0000000000000000');
  t.equal(full({ dst: 'default', gateway: '10.0.0.1' }), `0200000000000000${tlv(5, '0a000001')}`);
  for (const [o, wanted] of [
    [{ dst: '10.0.0.0/8', dstLen: 16 }, 'ERR_CONFLICT dst'],
    [{ dst: 'default', dstLen: 1 }, 'ERR_CONFLICT dst'],
    [{ dst: '10.0.0.0', dstLen: 33 }, 'ERR_OUT_OF_RANGE dst'],
    [{ dst: '10.0.0.0/8', gateway: '::1' }, 'ERR_CONFLICT gateway'],
    [{ gateway: '::1', dst: '10.0.0.0/8' }, 'ERR_CONFLICT dst'],
    [{ family: 2, dst: '::/0' }, 'ERR_CONFLICT dst'],
    [{ family: 'inet6', gateway: '10.0.0.1' }, 'ERR_CONFLICT gateway'],
    [{ family: 'inet7' }, 'ERR_INVALID_VALUE family'],
    [{ dst: 5 }, 'ERR_INVALID_VALUE dst'],
    [{ index: 2 ** 31 }, 'ERR_OUT_OF_RANGE index'],
    [{ flags: ['a', 'd'] }, 'ERR_INVALID_VALUE flags[1]'],
    [{ family: ['inet'] }, 'ERR_INVALID_VALUE family'],
  ] as const) {
    t.equal(
      refusal(() => full(o)),
      wanted,
      JSON.stringify(o),
    );
  }
});
