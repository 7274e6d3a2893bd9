/** IPRoute: the verbs of all objects on one socket, batches, events. */
import { ClosedError } from '../netlink/errors.js';
import { setReceiveBuffer } from '../netlink/socket.js';
import { AddrVerbs } from './addr.js';
import { RouteSocket } from './base.js';
import { Batch } from './batch.js';
import { BrportVerbs } from './brport.js';
import { EnsureVerbs } from './ensure.js';
import { LinkVerbs } from './link.js';
import { MdbVerbs } from './mdb.js';
import { checkMonitor, Monitor, type MonitorOptions } from './monitor.js';
import { NexthopVerbs } from './nexthop.js';
import { NexthopBucketVerbs } from './nexthop-bucket.js';
import { PollVerbs } from './poll.js';
import { RouteVerbs } from './route.js';
import { RouteFileVerbs } from './route-file.js';
import { VlanFilterVerbs } from './vlan-filter.js';
import { VlanGlobalVerbs } from './vlan-global.js';
import { VlandbVerbs } from './vlandb.js';

/** Default receive buffer of a monitor, in bytes. */
const MONITOR_BUFFER = 4 << 20;

/** One class an object; a row here and one in the list at the end. */
export interface IPRoute
  extends LinkVerbs,
    AddrVerbs,
    RouteVerbs,
    NexthopVerbs,
    NexthopBucketVerbs,
    BrportVerbs,
    VlanFilterVerbs,
    VlandbVerbs,
    VlanGlobalVerbs,
    MdbVerbs,
    EnsureVerbs,
    PollVerbs,
    RouteFileVerbs {}

/** rtnetlink: this machine's links, addresses and routes, or those of a namespace. */
export class IPRoute extends RouteSocket {
  /** Collects changes to send them together. */
  batch(): Batch {
    return new Batch(this);
  }

  /** A stream of events, which listens from now on. It has a socket of its own. */
  monitor(options: MonitorOptions): Monitor {
    checkMonitor(options);
    if (this.closed) throw new ClosedError('monitor');
    const transport = this.openTransport(MONITOR_BUFFER);
    if (options.rcvbuf !== undefined) setReceiveBuffer(transport, options.rcvbuf);
    let forget = () => {};
    const monitor = new Monitor(transport, options, () => forget());
    if (!monitor.closed) forget = this.attach(monitor);
    return monitor;
  }
}

/**
 * IPRoute that talks to the kernel and to nothing else. pyroute2 has it for requests that IPRoute hands to other programs
 * (tun devices, say); here there are none yet, so the two are the same.
 */
export class RawIPRoute extends IPRoute {}

adopt(IPRoute, [
  LinkVerbs,
  AddrVerbs,
  RouteVerbs,
  NexthopVerbs,
  NexthopBucketVerbs,
  BrportVerbs,
  VlanFilterVerbs,
  VlandbVerbs,
  VlanGlobalVerbs,
  MdbVerbs,
  EnsureVerbs,
  PollVerbs,
  RouteFileVerbs,
]);

/** Gives a class the methods of others. */
function adopt(target: { prototype: object }, parts: readonly { prototype: object }[]): void {
  for (const { prototype } of parts)
    for (const [name, method] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      if (name !== 'constructor') Object.defineProperty(target.prototype, name, method);
}
