/**
 * One source, two kernels: what these tests do is done on the real kernel and on the fake one, and what they see must be
 * the same on both. Only what does not depend on the kernel's version is looked at; bytes are compared with recordings
 * (test/testing/exchanges.test.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IPRoute, Monitor, MonitorEvent } from 'tsroute2';
import { emulated } from './emulated.js';

/** A kernel as the tests have it. */
export interface Kernel {
  ipr: IPRoute;
  /** Another namespace, and a descriptor of it. */
  other: { ipr: IPRoute; fd: number };
  /** Resolves when the kernel has done what it puts off. */
  settle(): Promise<void>;
}

type Rec = Record<string, unknown>;

/** What is looked at, by the kind of object. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  link: [
    'index',
    'ifname',
    'type',
    'flags',
    'state',
    'mtu',
    'txqlen',
    'group',
    'operstate',
    'address',
    'master',
    'link',
    'ifalias',
    'carrier',
  ],
  addr: ['family', 'prefixlen', 'scope', 'index', 'address', 'local', 'label', 'broadcast', 'flags', 'rtPriority'],
  route: [
    'family',
    'dst',
    'table',
    'type',
    'scope',
    'protocol',
    'priority',
    'gateway',
    'oif',
    'prefsrc',
    'metrics',
    'multipath',
    'nhId',
    'flags',
    'tos',
  ],
  rule: [
    'family',
    'src',
    'dst',
    'table',
    'priority',
    'action',
    'fwmark',
    'fwmask',
    'iifname',
    'oifname',
    'tos',
    'protocol',
    'goto',
    'flags',
    'ipProto',
    'dportRange',
  ],
  neigh: ['family', 'index', 'dst', 'lladdr', 'state', 'flags'],
  fdb: ['index', 'lladdr', 'dst', 'master', 'state', 'flags'],
  nexthop: ['id', 'family', 'scope', 'protocol', 'oif', 'gateway', 'blackhole', 'group'],
};

const KIND_OF_OP: readonly (readonly [RegExp, string])[] = [
  [/LINK$/, 'link'],
  [/ADDR$/, 'addr'],
  [/ROUTE$/, 'route'],
  [/RULE$/, 'rule'],
  [/NEIGH$/, 'neigh'],
  [/NEXTHOP$/, 'nexthop'],
];

const pick = (kind: string, o: object): Rec =>
  Object.fromEntries(KEYS[kind]!.flatMap((key) => ((o as Rec)[key] === undefined ? [] : [[key, (o as Rec)[key]]])));

/** Neighbours of multicast groups: there once packets were sent, which the fake does not. */
const isGroup = ({ dst, lladdr }: Rec): boolean =>
  (typeof dst === 'string' && /^(ff|22[4-9]\.|23\d\.)/.test(dst)) ||
  (typeof lladdr === 'string' && /^.[13579bdf]:/.test(lladdr));

/** Of two links that come up at once, either may be the first to have its route of fe80::/64. */
function sortLinkLocal(list: Rec[]): void {
  const places = [...list.keys()].filter((i) => list[i]!.dst === 'fe80::/64');
  const rows = places.map((i) => list[i]!).sort((a, b) => Number(a.oif) - Number(b.oif));
  for (const [i, place] of places.entries()) list[place] = rows[i]!;
}

/** What was seen, in order. */
export class Sight {
  readonly log: string[] = [];
  readonly #asked = new Map<Monitor, ReturnType<Monitor['next']>>();

  note(what: string, value: unknown): void {
    this.log.push(`${what}: ${JSON.stringify(value)}`);
  }

  async rows(kind: string, what: string, rows: Promise<readonly object[]>): Promise<void> {
    const list = (await rows).filter((row) => !isGroup(row as Rec)).map((row) => pick(kind, row));
    // Neighbours and forwarding entries have no order.
    if (kind === 'neigh' || kind === 'fdb') list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    if (kind === 'route') sortLinkLocal(list);
    for (const [i, row] of list.entries()) this.note(`${what} ${i}`, row);
    this.note(`${what}, rows`, list.length);
  }

  /** Does something; how it ends is seen too. */
  async try(what: string, call: Promise<unknown>): Promise<void> {
    this.note(
      what,
      await call.then(
        () => 'done',
        (error: { code?: string }) => error.code ?? String(error),
      ),
    );
  }

  /** The same with the kernel's words. */
  async words(what: string, call: Promise<unknown>): Promise<void> {
    this.note(
      what,
      await call.then(
        () => 'done',
        (error: { code?: string; kernelMessage?: string }) => [error.code ?? String(error), error.kernelMessage ?? ''],
      ),
    );
  }

  /** The events that wait at a monitor. */
  async events(what: string, monitor: Monitor): Promise<void> {
    const list: MonitorEvent[] = [];
    for (;;) {
      // An event that is asked for and does not come is still asked for the next time.
      const asked = this.#asked.get(monitor) ?? monitor.next();
      this.#asked.set(monitor, asked);
      const next = await Promise.race([asked, sleep(emulated ? 1000 : 100, undefined)]);
      if (next === undefined || next.done) break;
      this.#asked.delete(monitor);
      list.push(next.value);
    }
    for (const event of list) {
      if (event.type !== 'message') {
        this.note(what, event.type);
        continue;
      }
      const kind = KIND_OF_OP.find(([pattern]) => pattern.test(event.op))?.[1];
      if (kind === undefined || isGroup(event.value as unknown as Rec)) continue;
      const forwarding = kind === 'neigh' && (event.value as { family?: number }).family === 7;
      // What a bridge learns of packets, which the kernel sends whenever it likes (NUD_REACHABLE).
      if (forwarding && (event.value as { state?: number }).state === 2) continue;
      this.note(`${what} ${event.op}`, pick(forwarding ? 'fdb' : kind, event.value));
    }
  }
}

export interface Part {
  area: 'link' | 'addr' | 'route' | 'rule' | 'neigh' | 'fdb' | 'nexthop';
  name: string;
  run(kernel: Kernel, see: Sight): Promise<void>;
}

export const A = '02:00:00:00:00:0a';
export const B = '02:00:00:00:00:0b';
export const C = '02:00:00:00:00:0c';

/** A pair of links that are up: v1 is 2, v0 is 3. */
export async function pair({ ipr, settle }: Kernel): Promise<void> {
  await ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } });
  await settle();
  for (const index of [2, 3]) await ipr.link('set', { index, state: 'up' });
  await settle();
}
