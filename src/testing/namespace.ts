/** A network namespace: its tables, and those who listen. */
import type { Address4, Address6 } from './address.js';
import type { Fdb } from './fdb.js';
import type { FakeKernel } from './kernel.js';
import type { Link } from './link.js';
import type { Neighbour } from './neigh.js';
import type { Nexthop } from './nexthop.js';
import type { Route4 } from './route4.js';
import type { Route6 } from './route6.js';
import { defaultRules, type Rule } from './rule.js';
import type { FakeSocket } from './socket.js';
import { type Cause, type Fill, message, NOBODY } from './wire.js';

/** Tables whose dumps the kernel marks when they change meanwhile. */
export type Marked = 'links' | 'addresses' | 'rules' | 'nexthops';

export class Namespace {
  readonly sockets = new Set<FakeSocket>();
  /** By index, in ascending order of it. */
  readonly links = new Map<number, Link>();
  /** IPv4 addresses by index of their link, in the kernel's order. */
  readonly addresses4 = new Map<number, Address4[]>();
  readonly addresses6 = new Map<number, Address6[]>();
  /** Tables of routes; one is there once it had a route. */
  readonly routes4 = new Map<number, Route4[]>();
  readonly routes6 = new Map<number, Route6[]>();
  readonly rules = new Map<number, Rule[]>(defaultRules());
  neighbours: Neighbour[] = [];
  proxies: Neighbour[] = [];
  fdb: Fdb[] = [];
  readonly nexthops = new Map<number, Nexthop>();
  /** Ids of other namespaces here. */
  readonly ids = new Map<Namespace, number>();
  lastIndex = 0;
  /** Counts changes of each table. */
  readonly changes: Record<Marked, number> = { links: 0, addresses: 0, rules: 0, nexthops: 0 };

  constructor(
    readonly kernel: FakeKernel,
    readonly name: string,
  ) {}

  /** Tells a group. */
  notify(group: number, type: number, flags: number, cause: Cause, fill: Fill): void {
    const listening = [...this.sockets].filter(({ groups }) => groups.has(group));
    if (listening.length === 0) return;
    const data = message(type, flags, cause, fill);
    const lost = this.kernel.losesEvent(data);
    for (const socket of listening) socket.notify(data, lost);
  }

  /** The same of what nobody in particular caused. */
  tell(group: number, type: number, fill: Fill, flags = 0): void {
    this.notify(group, type, flags, NOBODY, fill);
  }

  link(index: number): Link | undefined {
    return this.links.get(index);
  }

  /** By its name or an alternative one. */
  linkNamed(name: string): Link | undefined {
    for (const link of this.links.values()) if (link.name === name || link.altNames.includes(name)) return link;
    return undefined;
  }

  /** Id of another namespace here, which is made when it is first needed. */
  idOf(other: Namespace): number {
    let id = this.ids.get(other);
    if (id === undefined) {
      const taken = new Set(this.ids.values());
      for (id = 0; taken.has(id); id++);
      this.ids.set(other, id);
    }
    return id;
  }
}
