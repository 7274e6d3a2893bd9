/** docs/from-ip.md, row by row: the command in one namespace, the call in another; then `ip` and `bridge` print the same of both. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { type IPRoute, MPTCP, netns } from 'tsroute2';
import { type Place, place } from '../witness/live.js';

t.setTimeout(600_000);

interface Row {
  command: string;
  call: string;
}

const page = readFileSync(fileURLToPath(new URL('../../../docs/from-ip.md', import.meta.url)), 'utf8');

/** Rows of the table below a heading. */
function rowsOf(title: string): Row[] {
  const [, section = ''] = page.split(`\n## ${title}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => {
    const [, command = '', call = ''] = /^\| `([^`]+)` \| `([^`]+)`/.exec(line) ?? [];
    return { command, call };
  });
}

const titles = [...page.matchAll(/^## (.+)$/gm)].map((m) => m[1]!);

interface Scope {
  ipr: IPRoute;
  netns: typeof netns;
  mptcp: MPTCP | undefined;
}

/** A call of the page as a function. Modules are not code from strings: they load where that is forbidden. */
async function compiled(rows: readonly Row[]): Promise<((scope: Scope) => Promise<unknown>)[]> {
  const functions = rows.map(({ call }) =>
    /^(netns|mptcp)\./.test(call) ? `({ netns, mptcp }) => ${call}` : `({ ipr }) => ipr.${call}`,
  );
  const source = `export default [\n${functions.join(',\n')}\n];`;
  return ((await import(`data:text/javascript,${encodeURIComponent(source)}`)) as { default: [] }).default;
}

/** Runs commands, those of one program that follow each other together. */
function commands(p: Place, list: readonly string[]): void {
  let batch: string[] = [];
  const flush = (): void => {
    if (batch.length === 0) return;
    const [program = ''] = batch[0]!.split(' ');
    const input = batch.map((line) => `${line.slice(program.length + 1)}\n`).join('');
    execFileSync(program, ['-n', p.name, '-batch', '-'], { input, stdio: ['pipe', 'ignore', 'pipe'] });
    batch = [];
  };
  for (const line of list) {
    const [program = '', first = ''] = line.split(' ');
    // Options of the program and what is about namespaces are no lines of a batch, and filters of a list outlive theirs.
    const alone = first.startsWith('-') || first === 'netns' || / (get|show)( |$)/.test(line);
    if (alone || batch[0]?.split(' ')[0] !== program) flush();
    // What `ip -n` mounts is seen by it alone.
    const inside = first === 'netns' && !/ netns (set|list-id)/.test(line) ? [] : ['-n', p.name];
    if (alone) execFileSync(program, [...inside, ...line.split(' ').slice(1)], { stdio: ['ignore', 'ignore', 'pipe'] });
    else batch.push(line);
  }
  flush();
}

/** What is no part of what was asked for: clocks, counters, addresses by chance, what the kernel adds by itself. */
const CHANCE =
  /^(expires|reachable|refcnt|.*_timer|.*_life_time|updated|used|confirmed|stats|stats64|.*_id|root_port|topology.*|permaddr|cacheinfo)$/;

function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const o = value as Record<string, unknown>;
  if (typeof o.name === 'string') o.name = o.name.replace(/^(ours|theirs)-/, '');
  const own = (text: unknown): boolean => typeof text === 'string' && /^(fe80|ff00|ff02|33:33|01:00:5e)/.test(text);
  if (own(o.dst) || own(o.local) || own(o.mac) || own(o.grp) || o.type === 'multicast') return undefined;
  return Object.fromEntries(
    Object.entries(o)
      .filter(([key, inner]) => !CHANCE.test(key) && !(key === 'address' && !String(inner).startsWith('02:00')))
      // As in pyroute2, routes are `static` here unless they say otherwise; with `ip` they are `boot`.
      .map(([key, inner]) => [key, key === 'protocol' && inner === 'boot' ? 'static' : settled(inner)]),
  );
}

type Look = readonly string[];
interface Section {
  looks: readonly Look[];
  /** More to prepare. */
  before?: readonly string[];
  obstacle?(p: Place): Promise<string | false>;
}

const LINKS = [
  'ip link add e0 address 02:00:00:00:00:e0 type veth peer name e1 address 02:00:00:00:00:e1',
  'ip link set e0 addrgenmode none',
  'ip link set e1 addrgenmode none',
  'ip link set e0 up',
  'ip link set e1 up',
  'ip address add 10.0.0.1/24 dev e0',
  'ip address add 2001:db8::1/64 dev e0 nodad',
];
const BRIDGE = [
  'ip link add br0 address 02:00:00:00:00:b0 type bridge mcast_snooping 1',
  'ip link add p0 address 02:00:00:00:00:a0 type veth peer name p1 address 02:00:00:00:00:a1',
  'ip link add vx0 address 02:00:00:00:00:a2 type vxlan id 42 dstport 4789 nolearning',
  ...['br0', 'p0', 'p1', 'vx0'].flatMap((dev) => [`ip link set ${dev} addrgenmode none`, `ip link set ${dev} up`]),
  'ip link set p0 master br0',
];

async function filtersVlans({ ipr }: Place): Promise<string | false> {
  const { object } = await ipr.link('add', { ifname: 'probe', kind: 'bridge' });
  await ipr.link('del', { dev: 'probe' });
  return object?.linkinfo?.bridge?.vlanProtocol === undefined && 'the bridges of this kernel do not filter VLANs';
}

const SECTIONS: Readonly<Record<string, Section>> = {
  'ip link': { looks: [['ip', '-j', '-d', 'link']] },
  'ip address': { looks: [['ip', '-j', '-d', 'addr']] },
  'ip route': {
    looks: [
      ['ip', '-j', '-d', '-4', 'route', 'show', 'table', 'all'],
      ['ip', '-j', '-d', '-6', 'route', 'show', 'table', 'all'],
    ],
  },
  'ip rule': {
    looks: [
      ['ip', '-j', '-d', 'rule'],
      ['ip', '-j', '-d', '-6', 'rule'],
    ],
  },
  'ip neighbour': {
    looks: [
      ['ip', '-j', '-d', 'neigh'],
      ['ip', '-j', '-d', 'neigh', 'show', 'proxy'],
    ],
  },
  'ip nexthop': {
    looks: [
      ['ip', '-j', '-d', 'nexthop'],
      ['ip', '-j', '-d', 'route'],
    ],
  },
  'ip netns': { looks: [['ip', '-j', 'netns', 'list-id']] },
  'ip mptcp': {
    looks: [
      ['ip', '-j', 'mptcp', 'endpoint'],
      ['ip', 'mptcp', 'limits'],
    ],
  },
  'bridge link': { before: BRIDGE, looks: [['bridge', '-j', '-d', 'link']] },
  'bridge fdb': { before: BRIDGE, looks: [['bridge', '-j', '-d', 'fdb']] },
  'bridge mdb': { before: BRIDGE, looks: [['bridge', '-j', '-d', 'mdb']] },
  'bridge vlan': {
    before: [...BRIDGE, 'ip link set br0 type bridge vlan_filtering 1', 'ip link set vx0 master br0'],
    looks: [
      ['bridge', '-j', '-d', 'vlan'],
      ['bridge', '-j', 'vlan', 'tunnelshow'],
    ],
    obstacle: filtersVlans,
  },
  'bridge vni': {
    before: ['ip link add vf0 type vxlan external vnifilter dstport 4790', 'ip link set vf0 up'],
    looks: [['bridge', '-j', 'vni']],
  },
  'The rest': {
    looks: [
      ['ip', '-j', 'addrlabel'],
      ['ip', '-j', 'ntable', 'show', 'dev', 'e0'],
    ],
  },
};

/** Names of namespaces are of the whole machine: each side has its own. */
const named = (text: string, side: string): string =>
  text.replaceAll(/\b(blue|red|other)\b/g, `${side}-$1-${process.pid}`);

const print = (p: Place, [program = '', ...args]: Look): unknown => {
  const text = execFileSync(program, ['-n', p.name, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (!args.includes('-j')) return text;
  return settled(text.trim() === '' ? [] : JSON.parse(text));
};

async function ours(rows: readonly Row[], scope: Scope): Promise<void> {
  const calls = await compiled(rows.map(({ command, call }) => ({ command, call: named(call, 'ours') })));
  for (const [i, call] of calls.entries()) {
    try {
      const answer = await call(scope);
      if (answer !== null && typeof answer === 'object' && 'pid' in answer) await once(answer as never, 'close');
    } catch (error) {
      throw new Error(`${rows[i]!.call}: ${error}`);
    }
  }
}

async function compare(t: Test, rows: readonly Row[], { looks, before = [], obstacle }: Section): Promise<void> {
  const [left, right] = [await place(t), await place(t)];
  const why = await obstacle?.(right);
  if (why) return void t.pass('all of it', { skip: why });
  t.ok(rows.length >= 4 && rows.every(({ command, call }) => command !== '' && call !== ''), `${rows.length} rows`);
  const uses = (what: string): boolean => rows.some(({ call }) => call.includes(what));
  for (const side of ['theirs', 'ours']) {
    for (const name of ['blue', 'red', 'other'].map((name) => named(name, side)))
      t.teardown(() => netns.exists(name) && netns.remove(name));
    if (uses("netns: 'other'")) await netns.create(named('other', side));
  }
  const mptcp = uses('mptcp.') ? new MPTCP({ netns: right.path }) : undefined;
  t.teardown(() => mptcp?.close());
  for (const p of [left, right]) commands(p, [...LINKS, ...before]);
  commands(
    left,
    rows.map(({ command }) => named(command, 'theirs')),
  );
  await ours(rows, { ipr: right.ipr, netns, mptcp });
  for (const look of looks) {
    const [theirs, found] = [print(left, look), print(right, look)];
    t.same(found, theirs, look.join(' '));
    t.ok(JSON.stringify(theirs).length > 10, `${look.join(' ')} prints something`);
  }
  if (uses('netns.create')) {
    const names = (side: string): string[] => netns.list().filter((name) => name.startsWith(`${side}-`));
    t.same(
      names('ours').map((name) => name.slice('ours'.length)),
      names('theirs').map((name) => name.slice('theirs'.length)),
    );
    for (const side of ['ours', 'theirs'])
      t.equal(await netns.sysctl(named('blue', side), 'net.ipv4.ip_forward'), '1', `${side}: the parameter`);
  }
}

t.test('every table of the page is run', async (t) => t.same(titles, Object.keys(SECTIONS)));

for (const [title, section] of Object.entries(SECTIONS))
  t.test(title, async (t) => {
    await compare(t, rowsOf(title), section);
  });
