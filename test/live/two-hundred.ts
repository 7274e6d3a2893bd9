/**
 * Serves many namespaces from one process: makes them, opens a socket in each, adds a link and reads it, all open at
 * once, and removes them. Argument: how many. Prints descriptors and threads before, with all open, and after.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetNS, netns } from 'tsroute2';
import { threadCount } from './threads.js';

const prefix = `many-${process.pid}-`;

interface Count {
  fds: number;
  threads: number;
}

/**
 * Descriptors and threads, once they stay the same, or are as `expected`: a thread that was joined is listed for a moment
 * longer, on a busy machine for a long one.
 */
async function count(expected?: Count): Promise<Count> {
  const now = () => ({ fds: readdirSync('/proc/self/fd').length, threads: threadCount() });
  let last = now();
  const done = () => expected?.fds === last.fds && expected.threads === last.threads;
  for (let same = 0, i = 0; i < 500 && (expected === undefined ? same < 5 : !done()); i++) {
    await sleep(10);
    const next = now();
    same = next.threads === last.threads && next.fds === last.fds ? same + 1 : 0;
    last = next;
  }
  return last;
}

const threadsIn = (): string[] =>
  readdirSync('/proc/self/task').map((id) => readlinkSync(`/proc/self/task/${id}/ns/net`));

export interface Served {
  before: Count;
  open: Count;
  after: Count;
  /** Index of the link that was added in each, and how many links each has. */
  links: { index: number | undefined; name: string | undefined; all: number }[];
  /** Namespaces of which a thread of this process was a member. */
  spaces: number;
  left: string[];
}

export async function serve(many: number): Promise<Served> {
  const names = Array.from({ length: many }, (_, i) => `${prefix}${i}`);
  try {
    // The threads of the pool are there from the first use on.
    await Promise.all(names.slice(0, 8).map((name) => netns.create(name)));
    await Promise.all(names.slice(0, 8).map((name) => netns.remove(name)));
    const before = await count();
    // Half of them one by one in constructors, half side by side.
    await Promise.all(names.slice(0, many / 2).map((name) => netns.create(name)));
    const spaces = names.map((name, i) => new NetNS(name, { create: i >= many / 2 }));
    const links = await Promise.all(
      spaces.map(async (ns, i) => {
        const { object } = await ns.link('add', { ifname: `v${i}`, kind: 'veth', peer: 'far' });
        const { index, ifname } = await ns.link('get', { dev: `v${i}` });
        const all = (await ns.getLinks()).length;
        return { index: object?.index === index ? index : undefined, name: ifname, all };
      }),
    );
    const open = await count();
    const inside = new Set(threadsIn()).size;
    await Promise.all(spaces.map((ns) => ns.remove()));
    const after = await count(before);
    return { before, open, after, links, spaces: inside, left: netns.list().filter((name) => name.startsWith(prefix)) };
  } finally {
    for (const name of names) if (netns.exists(name)) await netns.remove(name);
  }
}

if (process.argv[2] !== undefined && process.argv[1]?.endsWith('two-hundred.js') === true)
  console.log(JSON.stringify(await serve(Number(process.argv[2]))));
