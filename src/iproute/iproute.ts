/** IPRoute: the verbs of all objects on one socket, batches, events. */

import { InputError } from '../codec/errors.js';
import type { IPRSocket } from '../netlink/iprsocket.js';
import type { Mixed, SocketClass } from '../netlink/mixin.js';
import type { Netlink } from '../netlink/netlink-mixin.js';
import type { BuiltIn, NetlinkProxy, ReceiveVerdict, SendVerdict } from '../netlink/proxy.js';
import type { NetlinkSocket } from '../netlink/socket.js';
import type { SocketOptions } from '../netlink/socket-options.js';
import { builtIn, mayConcern } from '../proxies/index.js';
import { AddrVerbs } from './addr.js';
import { AddrLabelVerbs } from './addrlabel.js';
import { RouteSocket } from './base.js';
import { Batch } from './batch.js';
import { BrportVerbs } from './brport.js';
import { EnsureVerbs } from './ensure.js';
import { FdbVerbs } from './fdb.js';
import { LinkVerbs } from './link.js';
import { MdbVerbs } from './mdb.js';
import { checkMonitor, Monitor, type MonitorOptions } from './monitor.js';
import { NeighVerbs } from './neigh.js';
import { NetconfVerbs } from './netconf.js';
import { NexthopVerbs } from './nexthop.js';
import { NexthopBucketVerbs } from './nexthop-bucket.js';
import { NsidVerbs } from './nsid.js';
import { NtableVerbs } from './ntable.js';
import { PollVerbs } from './poll.js';
import { RouteVerbs } from './route.js';
import { RouteFileVerbs } from './route-file.js';
import { RuleVerbs } from './rule.js';
import { StatsVerbs } from './stats.js';
import { VlanFilterVerbs } from './vlan-filter.js';
import { VlanGlobalVerbs } from './vlan-global.js';
import { VlandbVerbs } from './vlandb.js';
import { VniVerbs } from './vni.js';

/** Batches and events: what is of no single object. */
abstract class CommonVerbs extends RouteSocket {
  /** Collects changes to send them together. */
  batch(): Batch {
    return new Batch(this);
  }

  /** A stream of events, which listens from now on. It has a socket of its own. */
  monitor(options: MonitorOptions): Monitor {
    checkMonitor(options);
    return this.listening(options.rcvbuf, (transport, forget) => new Monitor(transport, options, forget));
  }
}

/** What the socket of `ProxyContext.nl` is, and what is handed to other programs than the kernel. */
abstract class Proxied extends RouteSocket {
  protected override bypass(options: SocketOptions): NetlinkSocket {
    return new RawIPRoute(options);
  }

  protected override builtIn(): BuiltIn | undefined {
    return builtIn;
  }

  protected override putting(type: number): void {
    if (mayConcern(type)) this.arm();
  }
}

/** The verbs of all objects: what IPRouteMixin adds. One class an object; a row here and one in the list below. */
export interface IPRouteVerbs
  extends CommonVerbs,
    LinkVerbs,
    AddrVerbs,
    RouteVerbs,
    NeighVerbs,
    FdbVerbs,
    VniVerbs,
    RuleVerbs,
    NexthopVerbs,
    NexthopBucketVerbs,
    BrportVerbs,
    VlanFilterVerbs,
    VlandbVerbs,
    VlanGlobalVerbs,
    MdbVerbs,
    NtableVerbs,
    NetconfVerbs,
    AddrLabelVerbs,
    StatsVerbs,
    NsidVerbs,
    EnsureVerbs,
    PollVerbs,
    RouteFileVerbs {}

const VERBS = [
  Proxied,
  CommonVerbs,
  LinkVerbs,
  AddrVerbs,
  RouteVerbs,
  NeighVerbs,
  FdbVerbs,
  VniVerbs,
  RuleVerbs,
  NexthopVerbs,
  NexthopBucketVerbs,
  BrportVerbs,
  VlanFilterVerbs,
  VlandbVerbs,
  VlanGlobalVerbs,
  MdbVerbs,
  NtableVerbs,
  NetconfVerbs,
  AddrLabelVerbs,
  StatsVerbs,
  NsidVerbs,
  EnsureVerbs,
  PollVerbs,
  RouteFileVerbs,
];

/** Gives a class the methods of others. */
function adopt(target: { prototype: object }, parts: readonly { prototype: object }[]): void {
  for (const { prototype } of parts)
    for (const name of Object.getOwnPropertyNames(prototype))
      if (name !== 'constructor')
        Object.defineProperty(target.prototype, name, Object.getOwnPropertyDescriptor(prototype, name)!);
}

/**
 * Adds the verbs of IPRoute to a class of sockets that speak rtnetlink:
 * `class MyRoute extends IPRouteMixin(MySocket) {}`, where MySocket is a class of `NetlinkMixin` or extends IPRSocket, and
 * its constructor opens NETLINK_ROUTE.
 */
export function IPRouteMixin<B extends SocketClass<NetlinkSocket & Netlink>>(Base: B): Mixed<B, IPRouteVerbs> {
  const Socket = Base as unknown as typeof IPRSocket;
  class WithVerbs extends Socket {}
  adopt(WithVerbs, [RouteSocket, ...VERBS]);
  return WithVerbs as unknown as Mixed<B, IPRouteVerbs>;
}

/** rtnetlink: this machine's links, addresses and routes, or those of a namespace. */
export class IPRoute extends IPRouteMixin(RouteSocket) {
  override get sproxy(): NetlinkProxy<SendVerdict, RawIPRoute> {
    return super.sproxy as NetlinkProxy<SendVerdict, RawIPRoute>;
  }

  override get rproxy(): NetlinkProxy<ReceiveVerdict, RawIPRoute> {
    return super.rproxy as NetlinkProxy<ReceiveVerdict, RawIPRoute>;
  }
}

/** IPRoute that talks to the kernel and to nothing else: it has no proxies, and hands nothing to other programs. */
export class RawIPRoute extends IPRoute {
  override get sproxy(): never {
    throw new InputError('ERR_INVALID_VALUE', 'sproxy', 'a RawIPRoute has no proxies');
  }

  override get rproxy(): never {
    throw new InputError('ERR_INVALID_VALUE', 'rproxy', 'a RawIPRoute has no proxies');
  }

  override arm(): void {}
}
