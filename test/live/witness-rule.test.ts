/** Rules made by us and read by `ip`, made by `ip` and read by us, deleted by either; flushes that delete what is meant. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { fibmsg, NetlinkError, NLM_F_ACK, NLM_F_CREATE, type RuleRow, type RuleSpec } from 'tsroute2';
import { kernelAtLeast, Witness } from '../witness/compare.js';
import { place, verdict } from '../witness/live.js';
import { compareRules } from '../witness/live-neigh.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const witness = new Witness('rule', 'live');

/** A rule as we say it and as `ip` says it. */
type Pair = readonly [RuleSpec, string];

/** In a user namespace there are only some users. */
const everybody = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
const USERS: readonly Pair[] = everybody
  ? [
      [{ uidRange: '1000-2000', table: 100 }, 'uidrange 1000-2000 lookup 100'],
      [{ uidRange: { start: 0, end: 4294967294 }, table: 100 }, 'uidrange 0-4294967294 lookup 100'],
    ]
  : [[{ uidRange: 0, table: 100 }, 'uidrange 0-0 lookup 100']];

const BOTH: readonly Pair[] = [
  [{ table: 100 }, 'table 100'],
  [{ table: 4294967295 }, 'table 4294967295'],
  [{ table: 'main' }, 'lookup main'],
  [{ iif: 'e0', table: 100 }, 'iif e0 lookup 100'],
  [{ iifname: 'absent0', table: 100 }, 'iif absent0 lookup 100'],
  [{ oif: 'e1', table: 100 }, 'oif e1 lookup 100'],
  [{ oifname: 'absent1', table: 100 }, 'oif absent1 lookup 100'],
  [{ fwmark: 16, table: 100 }, 'fwmark 16 lookup 100'],
  [{ fwmark: '0x10/0xff', table: 100 }, 'fwmark 0x10/0xff lookup 100'],
  [{ fwmark: 0x12345678, fwmask: 0xfedcba98, table: 100 }, 'fwmark 0x12345678/0xfedcba98 lookup 100'],
  [{ fwmark: '0/255', table: 100 }, 'fwmark 0/0xff lookup 100'],
  [{ tos: 0x10, table: 100 }, 'tos 0x10 lookup 100'],
  ...USERS,
  [{ ipProto: 'tcp', table: 100 }, 'ipproto tcp lookup 100'],
  [{ ipProto: 200, table: 100 }, 'ipproto 200 lookup 100'],
  [{ ipProto: 'udp', sport: 80, table: 100 }, 'ipproto udp sport 80 lookup 100'],
  [{ ipProto: 'udp', sportRange: '80-90', table: 100 }, 'ipproto udp sport 80-90 lookup 100'],
  [{ ipProto: 'udp', dport: '258:65534', table: 100 }, 'ipproto udp dport 258-65534 lookup 100'],
  [{ tunId: 77, table: 100 }, 'tun_id 77 lookup 100'],
  [{ tunId: 0x0102030405060708n, table: 100, priority: 600 }, 'tun_id 72623859790382856 lookup 100 pref 600'],
  [{ suppressPrefixlen: 0, table: 'main' }, 'suppress_prefixlength 0 lookup main'],
  [{ suppressPrefixlen: 24, table: 'main' }, 'suppress_prefixlength 24 lookup main'],
  [{ suppressIfgroup: 7, table: 'main' }, 'suppress_ifgroup 7 lookup main'],
  [{ protocol: 'bgp', table: 100 }, 'protocol bgp lookup 100'],
  [{ protocol: 200, table: 100 }, 'protocol 200 lookup 100'],
  [{ l3mdev: true }, 'l3mdev'],
  [{ not: true, iif: 'e0', table: 100 }, 'not iif e0 lookup 100'],
  [{ action: 'blackhole' }, 'blackhole'],
  [{ action: 'FR_ACT_UNREACHABLE' }, 'unreachable'],
  [{ action: 8 }, 'prohibit'],
  [{ action: 'nop' }, 'nop'],
  [{ goto: 32766 }, 'goto 32766'],
  [{ action: 'goto', goto: 31000 }, 'goto 31000'],
];

const FOUR: readonly Pair[] = [
  [{ src: '10.0.0.0/8', table: 100 }, 'from 10.0.0.0/8 lookup 100'],
  [{ src: '10.0.0.1', table: 100 }, 'from 10.0.0.1 lookup 100'],
  [{ dst: '10.1.0.0/16', table: 100 }, 'to 10.1.0.0/16 lookup 100'],
  [
    { src: '10.0.0.0', srcLen: 8, dst: '192.168.0.0', dstLen: 16, table: 100 },
    'from 10.0.0.0/8 to 192.168.0.0/16 lookup 100',
  ],
  [{ not: true, src: '10.0.0.0/8', dst: 'all', table: 100 }, 'not from 10.0.0.0/8 lookup 100'],
  [{ flow: 0x30007, table: 100 }, 'realms 3/7 lookup 100'],
];

const SIX: readonly Pair[] = [
  [{ src: '2001:db8::/32', table: 100 }, 'from 2001:db8::/32 lookup 100'],
  [{ src: '2001:db8::1', table: 100 }, 'from 2001:db8::1 lookup 100'],
  [{ src: 'fe80::/10', dst: 'ff00::/8', table: 100 }, 'from fe80::/10 to ff00::/8 lookup 100'],
];

/** Properties that an older `ip` cannot say and a kernel below does not know. */
const NEW: readonly (readonly [since: string, spec: RuleSpec])[] = [
  ['6.13', { dscp: 10, table: 100 }],
  ['6.15', { dscp: 8, dscpMask: 0x38, table: 100 }],
  ['6.15', { sport: 80, sportMask: 0xff, table: 100 }],
  ['6.15', { dport: 0x1000, dportMask: 0xf000, table: 100 }],
  ['6.14', { family: 'inet6', flowlabel: 0x12345, table: 100 }],
  ['6.14', { family: 'inet6', flowlabel: 0x12000, flowlabelMask: 0xff000, table: 100 }],
];

const numbered = (pairs: readonly Pair[], family: 'inet' | 'inet6'): Pair[] =>
  pairs.map(([spec, line], i) => [
    { priority: 500 + i, ...spec, family },
    / pref /.test(line) ? line : `${line} pref ${500 + i}`,
  ]);
const RULES: readonly Pair[] = [...numbered([...FOUR, ...BOTH], 'inet'), ...numbered([...SIX, ...BOTH], 'inet6')];

for (const how of ['made by us', 'made by ip'] as const) {
  t.test(how, async (t) => {
    const p = await place(t);
    await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
    if (how === 'made by ip') {
      for (const [flag, family] of [
        ['-4', 'inet'],
        ['-6', 'inet6'],
      ] as const)
        p.batch(
          RULES.filter(([spec]) => spec.family === family).map(([, line]) => `rule add ${line}`),
          flag,
        );
    } else {
      const batch = p.ipr.batch();
      for (const [spec] of RULES) batch.rule('add', spec);
      const { results } = await batch.commit({ partial: true, acks: 'each' });
      t.same(
        results.flatMap(({ error }, i) => (error === null ? [] : [`${RULES[i]![1]}: ${error}`])),
        [],
        'all are taken',
      );
    }
    t.equal(await compareRules(t, p, witness, how), RULES.length + 5, 'the rules and the five of the kernel');

    if (how === 'made by us') {
      for (const [since, spec] of NEW) {
        if (!kernelAtLeast(since)) continue;
        const { object } = await p.ipr.rule('add', { priority: 700, ...spec }, { echo: true });
        for (const [key, value] of Object.entries(spec))
          if (typeof value === 'number' && !/port$/.test(key)) t.equal(object?.[key as keyof RuleRow], value, key);
        await p.ipr.rule('del', { priority: 700, ...spec });
      }
      p.batch(['rule flush'], '-4');
      p.batch(['rule flush'], '-6');
      t.same(
        (await p.ipr.getRules({ family: 'inet' })).map(({ priority }) => priority),
        [undefined],
        'gone for us',
      );
      return;
    }
    const multicast = (await p.ipr.getRules()).filter(({ family }) => family > 127);
    t.equal(await p.ipr.flushRules({ all: true }), RULES.length, 'flushed');
    for (const flag of ['-4', '-6'])
      t.same(
        p.ip(flag, 'rule', 'show').map(({ priority }) => priority),
        flag === '-4' ? [0, 32766, 32767] : [0, 32766],
        'the rules of the kernel are left',
      );
    t.same(
      (await p.ipr.getRules()).filter(({ family }) => family > 127),
      multicast,
      'those of multicast routing too',
    );
  });
}

t.test('a flush deletes what was matched, also where another rule has more properties', async (t) => {
  const p = await place(t);
  const left = async () =>
    (await p.ipr.getRules({ family: 'inet', priority: (n) => (n ?? 0) === 50 })).map(({ src }) => src);
  await p.ipr.rule('add', { priority: 50, src: '10.1.0.0/16', table: 7 });
  await p.ipr.rule('add', { priority: 50, src: '10.0.0.0/8', table: 7 });
  // With NLM_F_EXCL the kernel refuses a rule that another with more properties would be taken for.
  await t.rejects(p.ipr.rule('add', { priority: 50, table: 7 }), { code: 'EEXIST' } as never);
  await p.ipr.nlmRequest(
    new fibmsg({ family: 'inet', priority: 50, table: 7, action: 'lookup' }),
    32,
    NLM_F_CREATE | NLM_F_ACK,
  );
  // The kernel would take the first rule of that priority and table.
  await t.rejects(p.ipr.flushRules({ priority: 50, src: 'all' }), { code: 'ERR_CONFLICT', field: 'filter' } as never);
  t.same(await left(), ['10.1.0.0/16', '10.0.0.0/8', undefined], 'nothing is deleted');
  t.equal(await p.ipr.flushRules({ src: '10.0.0.0/8' }), 1);
  t.same(await left(), ['10.1.0.0/16', undefined]);
  t.equal(await p.ipr.flushRules((rule) => rule.table === 7), 2, 'the ones with more properties first');
  t.same(await left(), []);
});

t.test('the default rules stay unless they are asked for', async (t) => {
  const p = await place(t);
  t.equal(await p.ipr.flushRules({ table: 'main' }), 0);
  t.equal(await p.ipr.flushRules(() => true), 0);
  t.equal(await p.ipr.flushRules({ family: 'inet', priority: 32767 }), 1);
  t.same(
    p.ip('-4', 'rule').map(({ priority }) => priority),
    [0, 32766],
  );
});

t.test('refusals name the property', async (t) => {
  const p = await place(t);
  await p.ipr.rule('add', { src: '10.0.0.0/8', table: 100, priority: 10 });
  await t.rejects(p.ipr.rule('add', { src: '10.0.0.0/8', table: 100, priority: 10 }), { code: 'EEXIST' } as never);
  await t.rejects(p.ipr.rule('del', { priority: 11 }), { code: 'ENOENT' } as never);
  const error = await p.ipr.rule('add', { goto: 3, priority: 75 }).catch((error: unknown) => error);
  t.ok(error instanceof NetlinkError);
  t.match(error, { code: 'EINVAL', attribute: 'goto' });
});

t.test('getters: keys, predicates, streams', async (t) => {
  const p = await place(t);
  await p.ipr.rule('add', { src: '2001:DB8::/32', table: 100, priority: 10, uidRange: '0-0', protocol: 'bgp' });
  await p.ipr.rule('add', { src: '10.0.0.0/8', table: 100, priority: 11 });
  const found = async (filter: Parameters<typeof p.ipr.getRules>[0]) =>
    (await p.ipr.getRules(filter)).map(({ priority }) => priority);
  t.same(await found({ table: 100 }), [11, 10]);
  t.same(await found({ src: '2001:db8::/32' }), [10]);
  t.same(await found({ 'uidRange.end': 0 }), [10]);
  t.same(await found({ protocol: 'bgp', family: 'inet6' }), [10]);
  t.same(await found({ action: 'lookup', pref: 11 }), [11]);
  t.same(await found((rule) => rule.src === '10.0.0.0/8'), [11]);
  t.equal((await p.ipr.getRules({ family: 'inet', src: 'all' })).length, 3);
  const streamed: unknown[] = [];
  for await (const rule of p.ipr.rules({ family: 'inet' })) streamed.push(rule.priority);
  t.same(streamed, [undefined, 11, 32766, 32767]);
});

t.test('every key is the same', async (t) => verdict(t, witness, true));
