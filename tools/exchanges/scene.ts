/** What a scene of exchanges can do: our verbs, commands of iproute2, waiting. */
import { execFileSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { IPRoute } from '../../src/iproute/iproute.js';
import { traced } from '../capture/strace.js';
import { type Exchange, Listener, noting, type Talk } from './recorder.js';

export interface Scene {
  name: string;
  run(stage: Stage): Promise<void>;
}

/** Milliseconds in which the kernel does what it has put off. */
const SETTLE = 40;
/** The same where links come, go, or get or lose a carrier: states follow within a second. */
const SETTLE_LINK = 1300;

const iproute2 = execFileSync('ip', ['-V'], { encoding: 'utf8' }).match(/iproute2-([\w.]+)/)?.[1] ?? '?';

/** A scene's namespaces and what was recorded in them. */
export class Stage {
  readonly rows: Exchange[] = [];
  readonly #talk: Talk = [];
  readonly #sockets = new Map<string, IPRoute>();
  readonly #listeners = new Map<string, Listener>();
  readonly #fds = new Map<string, string>();

  constructor(
    readonly name: string,
    private readonly source: string,
  ) {
    this.open('');
  }

  /** Listens in a namespace; '' is the scene's own. */
  private open(netns: string): void {
    const options = netns === '' ? {} : { netns: `/run/netns/${netns}` };
    this.#listeners.set(netns, new Listener(options.netns));
    this.#sockets.set(netns, new IPRoute({ ...options, transport: noting(this.#talk) }));
  }

  /** Makes a named namespace; returns a descriptor of it, which requests may name. */
  namespace(name: string): number {
    execFileSync('ip', ['netns', 'add', name]);
    quiet(name);
    this.open(name);
    const fd = openSync(`/run/netns/${name}`, 'r');
    this.#fds.set(String(fd), name);
    return fd;
  }

  ipr(netns = ''): IPRoute {
    return this.#sockets.get(netns)!;
  }

  /** One of our calls; whether the kernel refuses it shows in the answer. */
  async do(name: string, call: (ipr: IPRoute) => Promise<unknown>, netns = ''): Promise<void> {
    this.#talk.length = 0;
    await call(this.ipr(netns)).catch((error: Error & { errno?: number }) => {
      if (typeof error.errno !== 'number') console.log(`${this.name}: ${name}: ${error.message}`);
    });
    const said = /=>\s*([\s\S]*)$/.exec(String(call))?.[1] ?? name;
    const command = said.replace(/\s+/g, ' ').replace(/;?\s*$/, '');
    await this.#rows(name, 'tsroute2', command, netns, this.#talk.splice(0), undefined);
  }

  /** A command of iproute2: what it asks over its first socket, byte for byte. */
  async run(command: string): Promise<void> {
    const talk: Talk = [];
    for (const { direction, message } of traced(command, '/run/strace').exchange) {
      const bytes = message.bytes.toString('hex');
      if (direction === 'request') talk.push({ request: bytes, replies: [] });
      else talk.at(-1)?.replies.push(bytes);
    }
    const options = { capAck: false, extAck: true, strict: true };
    await this.#rows(command, `iproute2 ${iproute2}`, command, '', talk, options);
  }

  async #rows(
    name: string,
    by: string,
    command: string,
    netns: string,
    talk: Talk,
    options: Exchange['options'],
  ): Promise<void> {
    await sleep(/link\('(add|set|del|replace)'|ip link (add|del|set)/.test(command) ? SETTLE_LINK : SETTLE);
    const events: Record<string, string[]> = {};
    for (const [where, listener] of this.#listeners) {
      const list = listener.take();
      if (list.length > 0) events[where] = list;
    }
    talk.forEach(({ request, replies }, i) => {
      const last = i === talk.length - 1;
      const fds = Object.fromEntries([...this.#fds].filter(([fd]) => request.includes(fdAttribute(Number(fd)))));
      this.rows.push({
        name: `${this.name}: ${name}${talk.length > 1 ? ` ${i + 1}` : ''}`,
        by,
        command,
        source: this.source,
        ...(netns === '' ? {} : { netns }),
        ...(options === undefined ? {} : { options }),
        ...(Object.keys(fds).length === 0 ? {} : { fds }),
        request,
        replies,
        ...(last && Object.keys(events).length > 0 ? { events } : {}),
      });
    });
    if (talk.length === 0) console.log(`${this.name}: ${name}: sent nothing`);
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners.values()) listener.close();
    for (const ipr of this.#sockets.values()) await ipr.close();
  }
}

/** IFLA_NET_NS_FD as it is in a request. */
function fdAttribute(fd: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(8, 0);
  bytes.writeUInt16LE(28, 2);
  bytes.writeUInt32LE(fd, 4);
  return bytes.toString('hex');
}

/** Duplicate address detection would make flags depend on the clock, and so would what the kernel says by itself. */
export function quiet(netns?: string): void {
  const script = [
    'for i in all default; do echo 0 > /proc/sys/net/ipv6/conf/$i/accept_dad',
    'echo 0 > /proc/sys/net/ipv6/conf/$i/router_solicitations; done',
  ].join('; ');
  const command = netns === undefined ? ['sh', '-c', script] : ['ip', 'netns', 'exec', netns, 'sh', '-c', script];
  execFileSync(command[0]!, command.slice(1));
}
