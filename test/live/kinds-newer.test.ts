/**
 * Options that no iproute2 knows yet, or never will: what the kernel took is what it gives back, and what it refuses
 * names them. Values are 0, 1, the largest and one that is different from either end.
 */
import t from 'tap';
import { IPRoute, type LinkRow, type LinkSpec, NetlinkError } from 'tsroute2';
import { kernelAtLeast } from '../witness/compare.js';

// A guest without KVM is slow.
t.setTimeout(300_000);

const stock = process.env.TSROUTE2_VM !== undefined;

interface Case {
  kind: keyof NonNullable<LinkRow['linkinfo']> & string;
  needs: string;
  /** What every such link needs besides. */
  base: object;
  /** Payloads that come back. */
  good: readonly object[];
  /** Payloads that are refused, and the option that the kernel names. */
  bad?: readonly (readonly [object, string])[];
}

const GENEVE = { id: 5, remote: '10.0.0.9' };
const CASES: readonly Case[] = [
  {
    kind: 'geneve',
    needs: '6.14',
    base: GENEVE,
    // In the wrong byte order the first would be 65280 to 1, which is refused.
    good: [{ portRange: { low: 255, high: 256 } }, { portRange: { low: 1, high: 65535 } }],
    bad: [[{ portRange: { low: 256, high: 255 } }, 'portRange']],
  },
  { kind: 'geneve', needs: '7.1', base: GENEVE, good: [{ groHint: true }] },
  {
    kind: 'netkit',
    needs: '6.14',
    base: {},
    good: [
      { headroom: 0, tailroom: 0 },
      { headroom: 1, tailroom: 1 },
      { headroom: 0x0123, tailroom: 0x0102 },
    ],
  },
  { kind: 'bond', needs: '7.1', base: { mode: '802.3ad' }, good: [{ lacpStrict: true }, { lacpStrict: false }] },
  { kind: 'bond', needs: '6.18', base: { mode: '802.3ad' }, good: [{ adSelect: 'actor_port_prio' }] },
];

async function made(ipr: IPRoute, kind: string, payload: object): Promise<LinkRow | undefined> {
  const { object } = await ipr.link('add', { ifname: 'n0', kind, [kind]: payload } as LinkSpec & { kind: string });
  return object;
}

for (const { kind, needs, base, good, bad } of CASES) {
  const options = [...new Set(good.flatMap((payload) => Object.keys(payload)))].join(', ');
  t.test(`${kind}: ${options}`, async (t) => {
    const ipr = new IPRoute();
    t.teardown(async () => {
      await ipr.link('del', { ifname: 'n0' }).catch(() => {});
      await ipr.close();
    });
    const skip = (why: string): void => {
      t.pass(`${kind}: ${options}`, { skip: why });
    };
    if (!kernelAtLeast(needs)) return skip(`kernel ${needs} is needed`);
    for (const payload of good) {
      let object: LinkRow | undefined;
      try {
        object = await made(ipr, kind, { ...base, ...payload });
      } catch (error) {
        if (!stock && error instanceof NetlinkError && error.code === 'EOPNOTSUPP')
          return skip(`this kernel has no ${kind}`);
        throw error;
      }
      const read = object?.linkinfo?.[kind] as Record<string, unknown> | undefined;
      const kept = Object.fromEntries(Object.keys(payload).map((key) => [key, read?.[key]]));
      t.same(kept, payload, `${JSON.stringify(payload)} comes back`);
      await ipr.link('del', { ifname: 'n0' });
    }
    for (const [payload, option] of bad ?? []) {
      const error = await made(ipr, kind, { ...base, ...payload }).then(
        () => undefined,
        (error: unknown) => error as NetlinkError,
      );
      t.equal(error?.attribute, `linkinfo.${kind}.${option}`, `refused: ${error?.message}`);
    }
  });
}

t.test('seg6: src, table', async (t) => {
  if (!kernelAtLeast('7.1')) {
    t.pass('seg6: src, table', { skip: 'kernel 7.1 is needed' });
    return;
  }
  const ipr = new IPRoute();
  t.teardown(async () => {
    await ipr.link('del', { ifname: 'n0' }).catch(() => {});
    await ipr.close();
  });
  await ipr.link('add', { ifname: 'n0', kind: 'veth', peer: 'n1' });
  for (const dev of ['n0', 'n1']) await ipr.link('set', { dev, state: 'up' });
  const tables = kernelAtLeast('7.3') ? [{ table: 1 }, { table: 0x12345678 }, { table: 0xffffffff }] : [];
  for (const more of [{ src: '2001:db8::1' }, ...tables]) {
    const encap = { seg6: { mode: 'encap', segs: ['fc00::1'], ...more } } as const;
    await ipr.route('add', { dst: '2001:db8:9::/48', dev: 'n0', encap });
    const [route] = await ipr.getRoutes({ family: 'inet6', dst: '2001:db8:9::/48' });
    t.same(route?.encap, encap, `${JSON.stringify(more)} comes back`);
    await ipr.route('del', { dst: '2001:db8:9::/48', dev: 'n0' });
  }
});

t.test('gtp: local, local6', async (t) => {
  const ipr = new IPRoute();
  t.teardown(async () => {
    await ipr.link('del', { ifname: 'n0' }).catch(() => {});
    await ipr.close();
  });
  await ipr.link('set', { dev: 'lo', state: 'up' });
  const outcome = async (payload: object): Promise<string> => {
    try {
      await made(ipr, 'gtp', { role: 'sgsn', createSockets: true, ...payload });
      await ipr.link('del', { ifname: 'n0' });
      return 'taken';
    } catch (error) {
      if (error instanceof NetlinkError) return error.code;
      throw error;
    }
  };
  if (!kernelAtLeast('6.12') || (!stock && (await outcome({})) === 'EOPNOTSUPP')) {
    t.pass('gtp: local, local6', { skip: 'kernel 6.12 with gtp is needed' });
    return;
  }
  // It never comes back, but the kernel binds to it.
  t.equal(await outcome({ local: '127.0.0.1' }), 'taken');
  t.equal(await outcome({ local: '192.0.2.77' }), 'EADDRNOTAVAIL');
  t.equal(await outcome({ local6: '::1' }), 'taken');
  t.equal(await outcome({ local6: '2001:db8::77' }), 'EADDRNOTAVAIL');
});
