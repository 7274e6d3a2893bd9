/** The encapsulation of a route is named by its payload, or by `encapType`, and never by neither. */
import t from 'tap';
import { withEncapType } from '../../src/iproute/encap.js';

t.test('named by the payload', async (t) => {
  t.same(withEncapType({ encap: { mpls: { dst: '100' } } }), { encap: { mpls: { dst: '100' } }, encapType: 'mpls' });
  const absent = { encap: { seg6: undefined, ip: {} } };
  t.same(withEncapType(absent), { ...absent, encapType: 'ip' }, 'an absent payload is none');
  const named = { encap: { data: new Uint8Array(4) }, encapType: 'bpf' };
  t.equal(withEncapType(named), named, 'as it is, when it has a name');
  const none = { dst: 'default' };
  t.equal(withEncapType(none as { encap?: unknown }), none, 'as it is, when there is none');
});

t.test('cannot be named', async (t) => {
  for (const encap of [{}, { data: new Uint8Array(4) }, { mpls: {}, ip: {} }, { sg6: {} }, { constructor: {} }])
    t.throws(
      () => withEncapType({ encap }),
      { code: 'ERR_MISSING_KEY', field: 'encapType' } as never,
      Object.keys(encap).join(),
    );
  t.throws(() => withEncapType({ encap: {} }, 'multipath[1].'), { field: 'multipath[1].encapType' } as never);
});
