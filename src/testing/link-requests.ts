/** Requests about links. */

import { relabel } from './address4.js';
import { announceLink, announcePort } from './announce.js';
import { checkPort, enslave, identify, leave } from './bridge.js';
import type { Context, Dump, Handlers } from './context.js';
import { E, refuse } from './errno.js';
import { ownFdb } from './fdb.js';
import { changed, KINDS } from './kinds.js';
import type { Link } from './link.js';
import {
  changeFlags,
  freeIndex,
  freeName,
  moveLink,
  newLink,
  place,
  removeLinks,
  setCarrier,
  watch,
} from './link-life.js';
import type { Namespace } from './namespace.js';
import { AF_BRIDGE, GROUP, IFF, NLM, RTM } from './numbers.js';
import { Attrs, same } from './wire.js';

const IFLA = {
  ADDRESS: 1,
  BROADCAST: 2,
  IFNAME: 3,
  MTU: 4,
  MASTER: 10,
  TXQLEN: 13,
  LINKINFO: 18,
  NET_NS_PID: 19,
  IFALIAS: 20,
  GROUP: 27,
  NET_NS_FD: 28,
  NUM_TX_QUEUES: 31,
  NUM_RX_QUEUES: 32,
  NEW_IFINDEX: 49,
  PROP_LIST: 52,
  ALT_IFNAME: 53,
} as const;
const INFO = { KIND: 1, DATA: 2, SLAVE_DATA: 5 } as const;
const VETH_PEER = 1;
const IFINFO = 16;

/** Names that the kernel takes: no slash, no colon, no blank, neither of the two dots. */
const goodName = (name: string): boolean =>
  name !== '' && name.length < 16 && name !== '.' && name !== '..' && !/[/:\s]/.test(name);

/** The namespace that a request sends a link to. */
function targetOf(c: Context, attrs: Attrs): Namespace | undefined {
  const fd = attrs.u32(IFLA.NET_NS_FD);
  if (fd !== undefined) return c.ns.kernel.namespaceOf(fd) ?? refuse(E.BADF);
  if (attrs.has(IFLA.NET_NS_PID)) refuse(E.SRCH);
  return undefined;
}

function select(c: Context, attrs: Attrs): Link | undefined {
  const index = c.request.h32(4);
  if (index > 0) return c.ns.link(index);
  const name = attrs.str(IFLA.IFNAME) ?? attrs.str(IFLA.ALT_IFNAME);
  return name === undefined ? undefined : c.ns.linkNamed(name);
}

const selects = (c: Context, attrs: Attrs): boolean =>
  c.request.h32(4) > 0 || attrs.has(IFLA.IFNAME) || attrs.has(IFLA.ALT_IFNAME);

/** To the kernel an MTU has a sign. */
function checkMtu(link: Link, mtu: number): void {
  if (mtu > 0x7fffffff || mtu < link.minMtu) refuse(E.INVAL, 'mtu less than device minimum');
  if (link.maxMtu > 0 && mtu > link.maxMtu) refuse(E.INVAL, 'mtu greater than device maximum');
}

/** Attributes of a new link besides its name and kind. */
function dress(c: Context, link: Link, attrs: Attrs): void {
  const mtu = attrs.u32(IFLA.MTU);
  if (mtu !== undefined) {
    checkMtu(link, mtu);
    link.mtu = mtu;
    link.mtu6 = mtu;
  }
  const address = attrs.get(IFLA.ADDRESS);
  if (address !== undefined) {
    if (address.length < 6) refuse(E.INVAL);
    if (address[0]! & 1) refuse(E.ADDRNOTAVAIL);
    link.address = address.slice(0, 6);
  }
  if (attrs.has(IFLA.BROADCAST)) link.broadcast = attrs.get(IFLA.BROADCAST)!.slice(0, 6);
  link.txqlen = attrs.u32(IFLA.TXQLEN) ?? link.txqlen;
  link.group = attrs.u32(IFLA.GROUP) ?? link.group;
  link.txQueues = attrs.u32(IFLA.NUM_TX_QUEUES) ?? link.txQueues;
  link.rxQueues = attrs.u32(IFLA.NUM_RX_QUEUES) ?? link.rxQueues;
  link.alias = attrs.str(IFLA.IFALIAS) ?? link.alias;
  void c;
}

/** A name for a new link in a namespace. */
function nameFor(ns: Namespace, attrs: Attrs, kind: string): string {
  return checkedName(ns, attrs.str(IFLA.IFNAME) ?? `${kind}%d`);
}

function checkedName(ns: Namespace, wanted: string): string {
  if (!goodName(wanted)) refuse(E.INVAL);
  const name = freeName(ns, wanted);
  if (ns.linkNamed(name) !== undefined) refuse(E.EXIST);
  return name;
}

function create(c: Context, attrs: Attrs, info: Attrs | undefined): void {
  const kindName = info?.str(INFO.KIND);
  const kind = kindName === undefined ? undefined : KINDS.get(kindName);
  if (kind === undefined) refuse(E.OPNOTSUPP, 'Unknown device type');
  const data = info?.nest(INFO.DATA);
  kind!.validate?.(data);
  for (const type of [IFLA.NUM_TX_QUEUES, IFLA.NUM_RX_QUEUES]) {
    const queues = attrs.u32(type);
    if (queues === undefined || (queues >= 1 && queues <= 4096)) continue;
    refuse(
      E.INVAL,
      type === IFLA.NUM_TX_QUEUES ? 'Invalid number of transmit queues' : 'Invalid number of receive queues',
    );
  }
  const ns = targetOf(c, attrs) ?? c.ns;
  const wanted = c.request.h32(4);
  const name = nameFor(ns, attrs, kind!.name);
  let peer: Link | undefined;
  if (kind!.name === 'veth') {
    const at = data?.at(VETH_PEER);
    const peerAttrs = new Attrs(data?.get(VETH_PEER)?.subarray(IFINFO) ?? new Uint8Array(0), (at ?? 0) + 4 + IFINFO);
    const peerNs = targetOf(c, peerAttrs) ?? ns;
    const peerName = nameFor(peerNs, peerAttrs, 'veth');
    if (peerNs === ns && peerName === name) refuse(E.EXIST);
    peer = newLink(peerNs, 0, peerName, kind!, undefined);
    dress(c, peer, peerAttrs);
  }
  if (wanted > 0 && ns.links.has(wanted)) refuse(E.EXIST);
  kind!.check?.(data, c.ns);
  const link = newLink(ns, 0, name, kind!, data);
  dress(c, link, attrs);
  const master = attrs.u32(IFLA.MASTER);
  if (peer !== undefined) {
    peer.index = freeIndex(peer.ns);
    place(peer);
    // It is announced before it has another end.
    announceLink(peer, { change: 0xffffffff });
    watch(peer);
  }
  link.index = wanted > 0 ? wanted : freeIndex(ns);
  place(link);
  if (peer !== undefined) {
    link.peer = peer;
    peer.peer = link;
  }
  if (!link.carrier) watch(link);
  if (kind!.name === 'bridge') {
    identify(link);
    newBridgeEntries(link, attrs.has(IFLA.ADDRESS));
  }
  changeFlags(link, c.request.h32(8), c.request.h32(12) || c.request.h32(8), true);
  ns.changes.links++;
  const fill = link.fill({ change: 0xffffffff });
  // Only who wants to hear of it is named as the cause.
  if (kind!.echoed === false || ns !== c.ns || !c.request.has(NLM.ECHO)) ns.tell(GROUP.link, RTM.NEWLINK, fill);
  else c.announce(GROUP.link, RTM.NEWLINK, fill);
  if (master !== undefined && master !== 0) enslave(link, ns.link(master) ?? refuse(E.INVAL), setCarrier);
}

/** A bridge's own address is an entry; one that it was given takes the place of the first. */
function newBridgeEntries(bridge: Link, given: boolean): void {
  ownFdb(bridge, bridge);
  if (!given) return;
  ownFdb(bridge, undefined);
  ownFdb(bridge, bridge);
}

/** Changes a link. With `changed` its options have changed already: that is told last. */
function change(c: Context, link: Link, attrs: Attrs, optionsChanged = false): void {
  let notify = optionsChanged;
  const event = (): void => {
    link.ns.changes.links++;
    announceLink(link);
  };
  const target = targetOf(c, attrs);
  if (target !== undefined && target !== link.ns) move(c, link, target, attrs);
  const address = attrs.get(IFLA.ADDRESS);
  if (address !== undefined) {
    if (address.length < 6) refuse(E.INVAL);
    if (address[0]! & 1) refuse(E.ADDRNOTAVAIL);
    if (!same(address.subarray(0, 6), link.address)) {
      link.address = address.slice(0, 6);
      if (link.kind.name === 'bridge') identify(link);
      event();
    }
  }
  const mtu = attrs.u32(IFLA.MTU);
  if (mtu !== undefined && mtu !== link.mtu) {
    checkMtu(link, mtu);
    link.mtu = mtu;
    event();
    // IPv6 hears of it after everybody was told.
    link.mtu6 = mtu;
  }
  const group = attrs.u32(IFLA.GROUP);
  if (group !== undefined && group !== link.group) {
    link.group = group;
    notify = true;
  }
  const name = attrs.str(IFLA.IFNAME);
  if (c.request.h32(4) > 0 && name !== undefined && name !== link.name) {
    link.name = checkedName(link.ns, name);
    event();
    relabel(link);
  }
  const alias = attrs.str(IFLA.IFALIAS);
  if (alias !== undefined) {
    link.alias = alias;
    notify = true;
  }
  if (attrs.has(IFLA.BROADCAST)) {
    link.broadcast = attrs.get(IFLA.BROADCAST)!.slice(0, 6);
    event();
  }
  const master = attrs.u32(IFLA.MASTER);
  if (master !== undefined && master !== (link.master?.index ?? 0)) {
    if (master !== 0 && !link.ns.links.has(master)) refuse(E.INVAL);
    leave(link, setCarrier);
    if (master !== 0) enslave(link, link.ns.link(master)!, setCarrier);
  }
  const flags = c.request.h32(8);
  const mask = c.request.h32(12);
  if (flags !== 0 || mask !== 0) {
    changeFlags(link, flags, mask || 0xffffffff);
    if (link.master !== undefined && mask & IFF.UP) announcePort(link);
  }
  const txqlen = attrs.u32(IFLA.TXQLEN);
  if (txqlen !== undefined && txqlen !== link.txqlen) {
    link.txqlen = txqlen;
    event();
  }
  // Of a link that is down nobody hears.
  if (notify && link.up) event();
}

function move(c: Context, link: Link, target: Namespace, attrs: Attrs): void {
  if (link.immobile) refuse(E.INVAL, 'The interface netns is immutable');
  if (target.linkNamed(link.name) !== undefined)
    refuse(E.EXIST, `Unable to use '${link.name}' for the new interface name in the target netns`);
  const wanted = attrs.u32(IFLA.NEW_IFINDEX) ?? 0;
  if (wanted > 0 && target.links.has(wanted)) refuse(E.EXIST);
  moveLink(link, target, wanted || (target.links.has(link.index) ? freeIndex(target) : link.index));
  void c;
}

function add(c: Context): void {
  const attrs = c.request.attrs(IFINFO);
  const info = attrs.nest(IFLA.LINKINFO);
  const link = select(c, attrs);
  if (link === undefined) {
    if (!c.request.has(NLM.CREATE)) refuse(E.NODEV);
    if (attrs.has(IFLA.NET_NS_PID)) targetOf(c, attrs);
    create(c, attrs, info);
    return;
  }
  const kind = info?.str(INFO.KIND);
  if (c.request.has(NLM.EXCL)) refuse(E.EXIST);
  if (c.request.has(NLM.REPLACE)) refuse(E.OPNOTSUPP);
  const data = info?.nest(INFO.DATA);
  if (kind !== undefined) KINDS.get(kind)?.validate?.(data);
  if (kind !== undefined && kind !== link.kind.name) refuse(E.OPNOTSUPP);
  const given = kind !== undefined && data !== undefined;
  if (given) changeOptions(link, data);
  const port = info?.nest(INFO.SLAVE_DATA);
  if (port !== undefined) {
    if (link.port === undefined) refuse(E.OPNOTSUPP);
    checkPort(port);
    link.port = changed(link.port!, port);
    announcePort(link);
  }
  change(c, link, attrs, given || port !== undefined);
}

function changeOptions(link: Link, data: Attrs): void {
  if (!link.kind.changeable || link.options === undefined) refuse(E.OPNOTSUPP);
  link.kind.checkChange?.(data, link.options!, link.ns);
  link.options = changed(link.options!, data);
  link.ns.changes.links++;
}

function set(c: Context): void {
  const attrs = c.request.attrs(IFINFO);
  if (!selects(c, attrs)) refuse(E.INVAL);
  change(c, select(c, attrs) ?? refuse(E.NODEV), attrs);
}

function remove(c: Context): void {
  const attrs = c.request.attrs(IFINFO);
  const group = attrs.u32(IFLA.GROUP);
  if (selects(c, attrs)) {
    const link = select(c, attrs) ?? refuse(E.NODEV);
    if (link.kind.name === '') refuse(E.OPNOTSUPP);
    removeLinks([link]);
  } else if (group !== undefined) {
    const links = [...c.ns.links.values()].filter((link) => link.group === group);
    if (links.length === 0) refuse(E.NODEV);
    if (links.some(({ kind }) => kind.name === '')) refuse(E.OPNOTSUPP);
    removeLinks(links);
  } else refuse(E.INVAL);
}

function get(c: Context): void {
  const attrs = c.request.attrs(IFINFO);
  if (!selects(c, attrs)) refuse(E.INVAL);
  c.reply(RTM.NEWLINK, (select(c, attrs) ?? refuse(E.NODEV)).fill());
}

function dump(c: Context): Dump {
  const attrs = c.request.attrs(IFINFO);
  const master = attrs.u32(IFLA.MASTER) ?? 0;
  const kind = attrs.nest(IFLA.LINKINFO)?.str(INFO.KIND);
  const links = (): Link[] => [...c.ns.links.values()];
  if (c.request.h8(0) === AF_BRIDGE) {
    return {
      rows: () =>
        links()
          .filter((link) => link.master !== undefined)
          .map((link) => ({ type: RTM.NEWLINK, fill: link.fillPort(true), id: [link.index] })),
      marked: 'links',
    };
  }
  const wanted = (link: Link): boolean =>
    (master === 0 || (master === 0xffffffff ? link.master === undefined : link.master?.index === master)) &&
    (kind === undefined || kind === link.kind.name);
  return {
    rows: () =>
      links()
        .filter(wanted)
        .map((link) => ({ type: RTM.NEWLINK, fill: link.fill(), id: [link.index] })),
    marked: 'links',
    rowFlags: master !== 0 || kind !== undefined ? NLM.FILTERED : 0,
  };
}

function property(c: Context, act: (link: Link, name: string) => void): void {
  const attrs = c.request.attrs(IFINFO);
  if (!selects(c, attrs)) refuse(E.INVAL);
  const link = select(c, attrs) ?? refuse(E.NODEV);
  const list = attrs.nest(IFLA.PROP_LIST)?.list.filter(({ type }) => type === IFLA.ALT_IFNAME) ?? [];
  for (const { data } of list) act(link, new TextDecoder().decode(data).replace(/\0.*$/, ''));
  if (list.length === 0) return;
  link.ns.changes.links++;
  announceLink(link);
}

const addProperty = (c: Context): void =>
  property(c, (link, name) => {
    if (link.ns.linkNamed(name) !== undefined) refuse(E.EXIST);
    link.altNames.push(name);
  });

const removeProperty = (c: Context): void =>
  property(c, (link, name) => {
    if (!link.altNames.includes(name)) refuse(E.NOENT);
    link.altNames.splice(link.altNames.indexOf(name), 1);
  });

export const linkHandlers: readonly (readonly [number, Handlers])[] = [
  [RTM.NEWLINK, { one: add }],
  [RTM.SETLINK, { one: set }],
  [RTM.DELLINK, { one: remove }],
  [RTM.GETLINK, { one: get, dump }],
  [RTM.NEWLINKPROP, { one: addProperty }],
  [RTM.DELLINKPROP, { one: removeProperty }],
];
