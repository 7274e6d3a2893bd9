/** What happens to links: made, up, down, carriers, gone; and what follows for addresses, routes and neighbours. */

import { linkDown4, linkGone4, linkUp4 } from './address4.js';
import { linkDown6, linkReady6 } from './address6.js';
import { announceLink } from './announce.js';
import { leave, portFollows } from './bridge.js';
import { E, refuse } from './errno.js';
import { flushFdb, hearAll, ownFdb } from './fdb.js';
import { type Kind, LOOPBACK, optionsOf } from './kinds.js';
import { Link, OPER } from './link.js';
import type { Namespace } from './namespace.js';
import { linkWithoutNeighbours } from './neigh.js';
import { linkWithoutNexthops } from './nexthop.js';
import { GROUP, IFF, RTM } from './numbers.js';
import { reviveHops6 } from './route6.js';
import type { Attrs } from './wire.js';

/** An index that is free, counted on from the last one that was given out. */
export function freeIndex(ns: Namespace): number {
  do ns.lastIndex++;
  while (ns.links.has(ns.lastIndex));
  return ns.lastIndex;
}

/** The first free name of a pattern with %d; it may have no other percent sign. */
export function freeName(ns: Namespace, pattern: string): string {
  if (!pattern.includes('%')) return pattern;
  if (!/^[^%]*%d[^%]*$/.test(pattern)) refuse(E.INVAL);
  for (let i = 0; ; i++) {
    const name = pattern.replace('%d', String(i));
    if (ns.linkNamed(name) === undefined) return name;
  }
}

/** Puts a link into its namespace, in the order of indexes. */
export function place(link: Link): void {
  const { ns } = link;
  const all = [...ns.links.values(), link].sort((a, b) => a.index - b.index);
  ns.links.clear();
  for (const one of all) ns.links.set(one.index, one);
  ns.changes.links++;
}

export function loopback(ns: Namespace): void {
  const link = new Link(ns, freeIndex(ns), 'lo', LOOPBACK);
  place(link);
}

let made = 0;

/** A locally administered address that no other link has: the kernel takes one by chance. */
function someAddress(): Uint8Array {
  made++;
  return Uint8Array.of(0x02, 0xfa, 0xce, (made >> 16) & 0xff, (made >> 8) & 0xff, made & 0xff);
}

/** A new link, not yet in its namespace. */
export function newLink(ns: Namespace, index: number, name: string, kind: Kind, options: Attrs | undefined): Link {
  const link = new Link(ns, index, name, kind);
  link.address = someAddress();
  link.options = optionsOf(kind, options);
  if (!kind.carrier) {
    link.carrier = false;
    link.carrierDowns = 1;
  }
  return link;
}

/** Gives or takes a carrier; what follows is put off. */
export function setCarrier(link: Link, carrier: boolean): void {
  if (link.carrier === carrier) return;
  link.carrier = carrier;
  if (carrier) link.carrierUps++;
  else link.carrierDowns++;
  watch(link);
}

/** Has the state of a link looked at soon. */
export function watch(link: Link): void {
  link.ns.kernel.later(() => {
    if (link.dying || link.ns.link(link.index) !== link) return;
    const before = link.operstate;
    link.operstate = stateOf(link);
    if (!link.up || before === link.operstate) return;
    link.linkDown = !link.carrier;
    if (link.operational && link.carrier) linkReady6(link);
    if (!link.carrier) linkWithoutNexthops(link);
    portFollows(link, setCarrier);
    link.ns.changes.links++;
    announceLink(link);
  });
}

function stateOf(link: Link): number {
  if (link.carrier) return OPER.UP;
  const below = link.ns.link(link.beyond);
  if (below === undefined || below === link) return OPER.DOWN;
  return below.carrier ? OPER.DOWN : OPER.LOWERLAYERDOWN;
}

/** Sets flags as `ip link set` does: those in `mask`. `quiet` where the change is announced later. */
export function changeFlags(link: Link, flags: number, mask: number, quiet = false): void {
  const wanted = (link.flags & ~mask) | (flags & mask);
  const settable = IFF.UP | IFF.NOARP | IFF.PROMISC | IFF.ALLMULTI | 0x2024 | IFF.MULTICAST | 0x4000 | 0x8000;
  const next = (link.flags & ~settable) | (wanted & settable);
  const change = next ^ link.flags;
  if (change === 0) return;
  if (change & IFF.PROMISC) link.promiscuity += next & IFF.PROMISC ? 1 : -1;
  if (change & IFF.ALLMULTI) link.allmulti += next & IFF.ALLMULTI ? 1 : -1;
  link.flags = next;
  link.ns.changes.links++;
  if (change & IFF.UP && next & IFF.UP) {
    link.qdisc = link.kind.qdisc;
    if (link.peer?.up) {
      setCarrier(link, true);
      setCarrier(link.peer, true);
    }
    link.linkDown = !link.carrier;
    hearAll(link);
    if (!quiet) announceLink(link, { change });
    for (const port of link.ns.links.values()) if (port.master === link) portFollows(port, setCarrier);
    linkUp4(link);
    reviveHops6(link);
    // A link with a carrier whose state is not known yet counts as ready.
    if (link.operational && link.carrier) linkReady6(link);
  } else if (change & IFF.UP) {
    if (link.peer !== undefined) {
      setCarrier(link, false);
      setCarrier(link.peer, false);
    }
    for (const port of link.ns.links.values()) if (port.master === link) portFollows(port, setCarrier);
    if (!quiet) announceLink(link, { change });
    wentDown(link);
  } else if (!quiet) announceLink(link, { change });
}

/** What a link that goes down takes with it. */
function wentDown(link: Link): void {
  linkWithoutNexthops(link);
  linkDown4(link);
  linkWithoutNeighbours(link, 2);
  linkDown6(link);
}

/** A link that was down may have neighbours too. */
function forgetNeighbours(link: Link): void {
  for (const family of [2, 10]) linkWithoutNeighbours(link, family);
}

/** Takes links away, each with what depends on it. */
export function removeLinks(first: readonly Link[]): void {
  const links = [...new Set(first.flatMap((link) => (link.peer === undefined ? [link] : [link, link.peer])))];
  for (const link of links) {
    link.dying = true;
    if (link.kind.name === 'bridge')
      for (const port of link.ns.links.values()) if (port.master === link) leave(port, setCarrier);
    if (link.kind.name === 'vxlan') flushFdb(link.ns, ({ link: on }) => on === link);
    if (link.kind.name === 'bridge') ownFdb(link, undefined);
  }
  const pairs = links.map((link) => [link, link.peer] as const);
  for (const link of links) link.peer = undefined;
  for (const [link, peer] of pairs) {
    if (!link.up) continue;
    link.flags &= ~IFF.UP;
    if (peer !== undefined) countLoss(link, peer);
    announceLink(link, { change: IFF.UP | IFF.RUNNING });
    wentDown(link);
  }
  for (const link of links) {
    linkGone4(link);
    if (link.master !== undefined) leave(link, setCarrier);
    forgetNeighbours(link);
    link.qdisc = 'noop';
    link.ns.links.delete(link.index);
    link.ns.changes.links++;
    link.ns.tell(GROUP.link, RTM.DELLINK, link.fill({ change: 0xffffffff, settings: false }));
  }
}

function countLoss(link: Link, _peer: Link): void {
  if (!link.carrier) return;
  link.carrier = false;
  link.carrierDowns++;
}

/** Takes a link out of its namespace and puts it into another, without what it had. */
export function moveLink(link: Link, target: Namespace, index: number): void {
  const { ns } = link;
  if (link.up) {
    link.flags &= ~IFF.UP;
    announceLink(link, { change: IFF.UP | IFF.RUNNING });
    wentDown(link);
  }
  linkGone4(link);
  forgetNeighbours(link);
  link.qdisc = 'noop';
  ns.links.delete(link.index);
  ns.changes.links++;
  ns.tell(
    GROUP.link,
    RTM.DELLINK,
    link.fill({ change: 0xffffffff, gone: { id: ns.idOf(target), index }, settings: false }),
  );
  link.ns = target;
  link.index = index;
  place(link);
  announceLink(link, { change: 0xffffffff });
}
