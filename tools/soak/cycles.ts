/** What a socket goes through in a long life: one kind of cycle a function. Each throws when it did not do what it says. */
import { closeSync, openSync } from 'node:fs';
import {
  BatchError,
  ClosedError,
  IPRoute,
  IPRSocket,
  ifinfmsg,
  NetlinkError,
  resyncTable,
  TimeoutError,
} from 'tsroute2';
import type { Arena } from './arena.js';
import { turn } from './gauge.js';

/** A cycle that did something else than what it is for shows nothing. */
export function check(held: boolean, what: string): asserts held {
  if (!held) throw new Error(`void: ${what}`);
}

/** What a promise rejects with. */
export async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => check(false, 'it was not refused'),
    (error: unknown) => error,
  );
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

async function using(arena: Arena, body: (ipr: IPRoute) => Promise<void>): Promise<void> {
  const ipr = new IPRoute({ netns: arena.netns });
  try {
    await body(ipr);
  } finally {
    await ipr.close();
  }
}

/** An address that a cycle may add: cycles of several workers run side by side. */
const address = ({ below }: Arena): string => `198.18.${below(250)}.${1 + below(250)}/32`;

export async function open(): Promise<void> {
  const ipr = new IPRoute();
  check((await ipr.getLinks()).length > 0, 'no links');
  await ipr.close();
}

export const inside = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    check((await ipr.getLinks({}, { signal: arena.stop })).length >= 2, 'no links');
    const { address } = await ipr.link('get', { dev: 'd0' }, { signal: arena.stop });
    check(address !== undefined, 'no address');
  });

export async function byDescriptor(arena: Arena): Promise<void> {
  const fd = openSync(`/run/netns/${arena.netns}`, 'r');
  let ipr: IPRoute;
  try {
    ipr = new IPRoute({ netns: fd });
  } finally {
    closeSync(fd);
  }
  check((await ipr.linkLookup({ ifname: 'd0' })).length === 1, 'no device');
  await ipr.close();
}

export const refused = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    const there = await refusal(ipr.link('add', { ifname: 'd0', kind: 'bridge' }));
    check(there instanceof NetlinkError && there.code === 'EEXIST', `${there}`);
    const far = await refusal(ipr.route('add', { dst: '203.0.113.0/24', gateway: '198.51.100.1' }));
    check(codeOf(far) === 'ENETUNREACH', `${far}`);
    const wrong = await refusal((async () => ipr.route('add', { dst: 'nowhere' }))());
    check(codeOf(wrong) === 'ERR_INVALID_VALUE', `${wrong}`);
  });

/** Sockets that cannot be opened. */
export async function unopened(): Promise<void> {
  const at = (netns: string) => refusal((async () => new IPRoute({ netns }))());
  check(codeOf(await at('not-there')) === 'ENOENT', 'a namespace that is not there');
  check(codeOf(await at('/dev/null')) === 'EINVAL', 'a file that is no namespace');
}

export const aborted = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    const stop = new AbortController();
    const rows = ipr.getRoutes({ family: 'inet' }, { signal: stop.signal });
    const reason = refusal(rows);
    for (let i = arena.below(2); i > 0; i--) await turn();
    stop.abort();
    check(((await reason) as Error).name === 'AbortError', 'the list had ended');
  });

export const left = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    let rows = 0;
    for await (const _ of ipr.routes({ family: 'inet' }, { signal: arena.stop })) {
      if (rows++ === 0) for await (const { ifname } of ipr.links()) if (ifname === 'lo') break;
      if (rows > 10 + arena.below(100)) break;
    }
    check(rows > 10, 'no routes');
    for await (const batch of ipr.routes({ family: 'inet' }).batches()) if (batch.length > 0) break;
  });

export const modes = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    let seen = 0;
    for await (const view of ipr.routeViews({ family: 'inet' })) if (view.oif !== undefined && ++seen > 50) break;
    check(seen > 50, 'no routes');
    // A list of all is read to its end now and then only: it is the dearest of all.
    if (arena.below(8) > 0) return;
    check((await ipr.getRouteColumns({ family: 'inet', table: 'main' })).length > 1000, 'no columns');
  });

export const batched = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    const batch = ipr.batch();
    const [net, dev] = [arena.below(200), 'd0'];
    for (let i = 0; i < 20; i++) batch.route('replace', { dst: `11.${net}.${i}.0/24`, dev });
    batch.route('add', { dst: '203.0.113.0/24', gateway: '198.51.100.1' });
    const error = await refusal(batch.commit({ signal: arena.stop }));
    check(error instanceof BatchError && error.results.length === 21, `${error}`);
    for (let i = 0; i < 20; i++) batch.route('del', { dst: `11.${net}.${i}.0/24`, dev });
    await batch.commit({ partial: true });
  });

/** Closed with requests and lists under way. */
export async function pending(arena: Arena): Promise<void> {
  const ipr = new IPRoute({ netns: arena.netns });
  const asked: Promise<unknown>[] = Array.from({ length: 10 }, () => ipr.link('get', { dev: 'd0' }));
  asked.push(ipr.getRoutes({ family: 'inet' }), ipr.getLinks(), ipr.getAddr());
  // Of links there may be events of cycles before: the kernel takes its time to remove them.
  const events = ipr.monitor({ groups: ['nexthop'], signal: arena.stop });
  const next = events.next();
  const got = ipr.get();
  if (arena.below(2)) await turn();
  await ipr.close();
  const ended = await Promise.allSettled([...asked, got]);
  for (const end of ended) if (end.status === 'rejected') check(end.reason instanceof ClosedError, `${end.reason}`);
  check(ended.at(-1)?.status === 'rejected', 'get() had a message');
  check((await next).done === true, 'the monitor went on');
}

export const monitored = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    const stop = new AbortController();
    const way = arena.below(4);
    const signal = way === 0 ? stop.signal : arena.stop;
    const events = ipr.monitor({ groups: ['ipv4-ifaddr', 'ipv4-route'], rcvbuf: 1 << 16, signal });
    const added = address(arena);
    await ipr.addr('replace', { dev: 'd0', address: added });
    let seen = 0;
    for await (const event of events) if (event.type === 'message' && ++seen > 0) break;
    check(seen === 1 && events.closed, 'no event');
    const others = ipr.monitor({ groups: ['nexthop'], signal, filter: { op: ['RTM_DELNEXTHOP'] } });
    const next = way === 0 ? refusal(others.next()) : others.next();
    if (way === 0) stop.abort();
    if (way === 1) others.close();
    if (way === 2) await others.return();
    await ipr.addr('del', { dev: 'd0', address: added }).catch(() => {});
    if (way === 3) others.close();
    await next;
  });

/** More events than the buffer of a monitor has room for. */
export const overrun = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    const events = ipr.monitor({ groups: ['ipv4-route'], rcvbuf: 2048 });
    const batch = ipr.batch();
    const net = arena.below(200);
    for (const cmd of ['replace', 'del'] as const)
      for (let i = 0; i < 30; i++) batch.route(cmd, { dst: `12.${net}.${i}.0/24`, dev: 'd0' });
    await batch.commit({ partial: true });
    for await (const event of events) if (event.type === 'overrun') return;
    check(false, 'no overrun');
  });

export const followed = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    const added = address(arena);
    const table = resyncTable(ipr, 'addr', { family: 'inet', rcvbuf: 1 << 16, signal: arena.stop });
    for await (const { type } of table) {
      if (type !== 'snapshot' || arena.below(4) === 0) break;
      await ipr.addr('replace', { dev: 'd0', address: added });
    }
    await ipr.addr('del', { dev: 'd0', address: added }).catch(() => {});
  });

/** The cache thread. */
export const cached = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    ipr.bind({ groups: ['ipv4-ifaddr'], async: true, cacheSize: 1 << 20 });
    const added = address(arena);
    const got = ipr.get();
    const asked = ipr.addr('replace', { dev: 'd0', address: added });
    // Closed while the thread hands something on, now and then.
    if (arena.below(3) === 0) return void Promise.allSettled([got, asked]);
    await asked;
    await got;
    await ipr.addr('del', { dev: 'd0', address: added }).catch(() => {});
  });

export const offloaded = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    const added = address(arena);
    const asked = ipr.addr('replace', { dev: 'd0', address: added }, { offload: true, signal: arena.stop });
    if (arena.below(3) === 0) return void asked.catch(() => {});
    await asked;
    await ipr.addr('del', { dev: 'd0', address: added }, { offload: true }).catch(() => {});
  });

export const proxied = (arena: Arena): Promise<void> =>
  using(arena, async (ipr) => {
    ipr.sproxy.set('RTM_NEWROUTE', async (_, { nl }) => {
      await nl.linkLookup({ ifname: 'd0' });
      return { verdict: 'return' };
    });
    const asked = ipr.route('add', { dst: '203.0.113.0/24', dev: 'd0' });
    if (arena.below(3) === 0) return void asked.catch(() => {});
    await asked;
    ipr.rproxy.set('RTM_NEWLINK', () => {
      throw new RangeError('not for you');
    });
    check((await refusal(ipr.getLinks())) instanceof RangeError, 'no RangeError');
  });

/** The main socket in the program's own hands. */
export async function raw(arena: Arena): Promise<void> {
  const socket = new IPRSocket(0, { netns: arena.netns });
  try {
    socket.pause();
    const request = new ifinfmsg({ ifname: 'd0' });
    request.header = { len: 0, type: 18, flags: 1, seq: 4711, pid: 0 };
    await socket.sendto(request.encode().buf);
    check((await socket.recv({ signal: arena.stop })).length > 100, 'no answer');
    check((await refusal(socket.recv({ timeout: 1 }))) instanceof TimeoutError, 'no timeout');
    socket.resume();
  } finally {
    await socket.close();
  }
}

/** Never closed: the collector closes it. */
export async function forgotten(): Promise<void> {
  check((await new IPRoute().link('get', { dev: 'lo' })).index === 1, 'no lo');
}
