/** A kind from outside, over golden bytes: what is bytes without it is its payload with it, and goes back as it came. */
import t from 'tap';
import { aligned } from '../../src/codec/bytes.js';
import * as leaf from '../../src/codec/leaf.js';
import { attr } from '../../src/codec/type.js';
import { Writer } from '../../src/codec/writer.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { linkKinds, registerLinkKind } from '../../src/rtnl/kinds/index.js';
import { rows } from '../rtnl/tlv.js';

/** Read the general way, which leaves nothing to copy later ones from. */
const general = (data: Uint8Array) => ifinfmsg.readAny(aligned(data), 0, data.length);

const table = { mode: attr(1, leaf.u32), flags: attr(2, leaf.u16) } as const;

t.test('golden rows of a kind that is taken away and given back under another table', async (t) => {
  const w = new Writer();
  const golden = rows('links')
    .filter(({ type }) => type in ifinfmsg.types)
    .map((row) => new Uint8Array(Buffer.from(row.hex, 'hex').subarray(16)))
    .filter((data) => general(data).linkinfo?.kind === 'macvlan' && general(data).linkinfo?.macvlan !== undefined);
  t.ok(golden.length > 0, `${golden.length} rows`);
  // The same bytes under a name that nobody has: the kind's text has as many letters.
  const renamed = golden.map(
    (data) =>
      new Uint8Array(Buffer.from(Buffer.from(data).toString('latin1').replace('macvlan\0', 'mykind1\0'), 'latin1')),
  );
  for (const data of renamed) {
    // Often enough that later ones are copied from it.
    const decoded = () => {
      for (let i = 0; i < 32; i++) ifinfmsg.decode(data);
      return ifinfmsg.decode(data);
    };
    const before = general(data);
    t.ok(before.linkinfo?.data instanceof Uint8Array, 'bytes');
    const unregister = registerLinkKind('mykind1', leaf.nest('IFLA_MYKIND', table));
    t.ok(linkKinds().includes('mykind1'));
    const during = decoded() as unknown as { linkinfo: Record<string, { mode?: number }> };
    t.type(during.linkinfo.mykind1, 'object');
    t.notOk(during.linkinfo.data);
    t.same(ifinfmsg.decode(ifinfmsg.encode(w, during as never)).linkinfo, during.linkinfo, 'and back');
    unregister();
    t.same(decoded(), before, 'bytes again');
    unregister();
  }
});

t.test('what is no table, from a program without types', async (t) => {
  const w = new Writer();
  for (const wrong of [undefined, null, 3, 'a', [], async () => ({})]) {
    const made = typeof wrong === 'function' ? wrong : () => wrong;
    const unregister = registerLinkKind('mykind2', leaf.nest('IFLA_MYKIND', made as never));
    t.throws(() => ifinfmsg.encode(w, { linkinfo: { kind: 'mykind2', mykind2: { mode: 1 } } } as never), {
      code: 'ERR_INVALID_VALUE',
      message: /IFLA_MYKIND.*expected an object of attributes/,
    });
    unregister();
  }
  const unregister = registerLinkKind(
    'mykind2',
    leaf.nest('IFLA_MYKIND', () => ({ mode: 1 }) as never),
  );
  t.throws(() => ifinfmsg.encode(w, { linkinfo: { kind: 'mykind2', mykind2: { mode: 1 } } } as never), {
    code: 'ERR_INVALID_VALUE',
    message: /IFLA_MYKIND\.mode.*expected attr\(number, type\), got 1/,
  });
  unregister();
  for (const wrong of [undefined, 3, () => 3, {}])
    t.throws(() => registerLinkKind('mykind3', wrong as never), { code: 'ERR_INVALID_VALUE', field: 'type' });
});
