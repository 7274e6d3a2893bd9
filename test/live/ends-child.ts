/**
 * Has everything of the library open that there is, and ends in one of several ways. Arguments: a namespace, the way.
 * Prints `ready` when all is open.
 */
import { accessSync, constants, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GenericNetlink, IPRoute, netns, nlctrl, RawIPRoute, resyncTable } from 'tsroute2';

const [name = '', way = ''] = process.argv.slice(2);
const STATUS = 7;
const never = new Promise<never>(() => {});

function canTun(): boolean {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

let going = true;
/** One after the other without end, so that there is always one under way. */
async function always(what: () => Promise<unknown>): Promise<void> {
  while (going) {
    await what().catch(() => {});
    await new Promise(setImmediate);
  }
}

/** Opens all. */
async function everything(): Promise<{ ipr: IPRoute; close: () => Promise<void> }> {
  const ipr = new IPRoute({ netns: name });
  // The cache thread, with somebody who waits for a notification.
  const cached = new IPRoute({ netns: openSync(`/run/netns/${name}`, 'r') });
  cached.bind({ groups: ['link'], async: true });
  void always(() => cached.get());
  // Monitors: somebody waits, nobody waits, through proxies, of generic netlink.
  void always(() => ipr.monitor({ groups: ['neigh'] }).next());
  ipr.monitor({ groups: ['link'], filter: { op: ['RTM_NEWLINK'] } });
  const genl = new GenericNetlink({ netns: name });
  void (await genl.monitor({ family: nlctrl, groups: ['notify'] })).next();
  const table = resyncTable(ipr, 'rule');
  await table.next();
  void table.next().catch(() => {});
  // A callback that takes for ever, and what waits behind it.
  const proxied = new IPRoute({ netns: name });
  proxied.sproxy.set('RTM_NEWADDR', () => never);
  void proxied.addr('add', { dev: 'lo', address: '192.0.2.9/32' }).catch(() => {});
  // Lists in the middle, requests of another thread, namespaces, parameters.
  const rows = ipr.routes({ family: 'inet' })[Symbol.asyncIterator]();
  await rows.next();
  void always(() => ipr.getRoutes({ family: 'inet' }));
  void always(() => ipr.link('set', { dev: 'lo', state: 'up' }, { offload: true }));
  void always(() => netns.sysctl(name, 'net.ipv4.ip_forward'));
  if (canTun()) await ipr.link('add', { ifname: 'tun0', kind: 'tuntap', tuntap: { mode: 'tun', persist: false } });
  const all = [cached, genl, proxied, ipr];
  return { ipr, close: async () => void (await Promise.all(all.map((one) => one.close()))) };
}

/** With everything open. */
const WAYS: Record<string, (ipr: IPRoute, close: () => Promise<void>) => unknown> = {
  'a signal': () => {},
  'a handler that closes': (_, close) => {
    process.once('SIGTERM', async () => {
      going = false;
      await close();
      console.log('closed');
      // Now nothing keeps it alive.
    });
  },
  exit: () => process.exit(STATUS),
  'exit in an event': async (ipr) => {
    const events = ipr.monitor({ groups: ['ipv4-ifaddr'] });
    void ipr.addr('add', { dev: 'lo', address: '192.0.2.7/32' });
    for await (const _ of events) process.exit(STATUS);
  },
  'exit in a callback of a proxy': (ipr) => {
    ipr.sproxy.set('RTM_NEWADDR', () => process.exit(STATUS));
    void ipr.addr('add', { dev: 'lo', address: '192.0.2.8/32' });
  },
  'exit in the rows of a list': async (ipr) => {
    for await (const _ of ipr.routes({ family: 'inet' })) process.exit(STATUS);
  },
  exception: () => {
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
  },
  'refusal that nobody catches': (ipr) => void ipr.link('del', { index: 0x7fffffff }),
};

/** With little open. */
const OTHERS: Record<string, () => unknown> = {
  // Nothing is waited for: the process ends by itself.
  idle: async () => {
    const ipr = new RawIPRoute({ netns: name, groups: ['link'] });
    const events = ipr.monitor({ groups: ['link'] });
    const asked = events.next();
    events.close();
    await asked;
    ipr.monitor({ groups: ['ipv4-route'] });
    const cached = new IPRoute({ netns: name });
    cached.bind({ groups: ['link'], async: true });
    await cached.getLinks();
    new GenericNetlink({ netns: name });
  },
  // Somebody waits for one event, and for nothing after that.
  waiting: async () => {
    const events = new IPRoute({ netns: name }).monitor({ groups: ['ipv4-ifaddr'] });
    const next = events.next();
    console.log('ready');
    const { value } = await next;
    console.log(value?.type === 'message' ? value.op : value);
  },
  // Makes namespaces and removes them, until it is killed.
  namespaces: async () => {
    console.log('ready');
    for (let i = 0; ; i++) {
      await netns.create(`${name}-${i}`);
      await netns.remove(`${name}-${i}`);
      if (i % 10 === 9) await sleep(1);
    }
  },
};

if (OTHERS[way] !== undefined) await OTHERS[way]();
else {
  const { ipr, close } = await everything();
  // Those that end by themselves do it when that is known.
  if (!way.startsWith('a ')) console.log('ready');
  await WAYS[way]!(ipr, close);
  if (way.startsWith('a ')) console.log('ready');
}
