/** Notifications: `ip monitor`. */
import type { Bytes } from '../codec/bytes.js';
import { InputError, show, suggest } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import { checkListening, EventStream, eventAt, type OverrunEvent, type StrangeEvent } from '../netlink/events.js';
import type { MessageHeader } from '../netlink/message.js';
import type { BridgeVlans } from '../rtnl/brvlanmsg.js';
import { RTNLGRP } from '../rtnl/constants.js';
import type { Rule } from '../rtnl/fibmsg.js';
import type { Addr } from '../rtnl/ifaddrmsg.js';
import type { Link } from '../rtnl/ifinfmsg.js';
import type { Stats } from '../rtnl/ifstatsmsg.js';
import type { Mdb } from '../rtnl/mdbmsg.js';
import type { Neighbour } from '../rtnl/ndmsg.js';
import type { Netconf } from '../rtnl/netconfmsg.js';
import type { Nexthop } from '../rtnl/nhmsg.js';
import type { Nsid } from '../rtnl/nsidmsg.js';
import type { Route } from '../rtnl/rtmsg.js';
import type { Tunnel } from '../rtnl/tunnelmsg.js';
import type { Transport } from '../transport/transport.js';
import { eventProgram, type MonitorFilter } from './event-filter.js';
import { knownMessage } from './messages.js';

/** Name or number of a multicast group: RTNLGRP_* in lower case, such as `'link'`, `'ipv4-route'`. */
export type GroupName = keyof typeof RTNLGRP;

export interface MonitorOptions {
  /** Groups to listen to. */
  groups: readonly (GroupName | number)[];
  /** Receive buffer in bytes (4 MiB; up to the system's limit without CAP_NET_ADMIN). */
  rcvbuf?: number | undefined;
  /** Which events are queued: the kernel drops all others at once. They cost the program nothing, and are no loss. */
  filter?: MonitorFilter | undefined;
  /** Ends the stream; what waits for an event rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

interface Notification<Op extends string, T> {
  type: 'message';
  /** Kernel's name of the message; it tells what `value` is. */
  op: Op;
  header: MessageHeader;
  value: T & MessageExtras;
}

/** What a monitor yields, in the order in which it happened. */
export type MonitorEvent =
  | Notification<'RTM_NEWLINK' | 'RTM_DELLINK', Link>
  | Notification<'RTM_NEWADDR' | 'RTM_DELADDR', Addr>
  | Notification<'RTM_NEWROUTE' | 'RTM_DELROUTE', Route>
  | Notification<'RTM_NEWNEXTHOP' | 'RTM_DELNEXTHOP' | 'RTM_NEWNEXTHOPBUCKET' | 'RTM_DELNEXTHOPBUCKET', Nexthop>
  | Notification<'RTM_NEWVLAN' | 'RTM_DELVLAN', BridgeVlans>
  | Notification<'RTM_NEWMDB' | 'RTM_DELMDB', Mdb>
  | Notification<'RTM_NEWNEIGH' | 'RTM_DELNEIGH' | 'RTM_GETNEIGH', Neighbour>
  | Notification<'RTM_NEWRULE' | 'RTM_DELRULE', Rule>
  | Notification<'RTM_NEWNETCONF' | 'RTM_DELNETCONF', Netconf>
  | Notification<'RTM_NEWTUNNEL' | 'RTM_DELTUNNEL', Tunnel>
  | Notification<'RTM_NEWSTATS', Stats>
  | Notification<'RTM_NEWNSID' | 'RTM_DELNSID', Nsid>
  | StrangeEvent
  | OverrunEvent;

/** Refuses options that are none. */
export function checkMonitor(options: MonitorOptions): void {
  checkListening(options, ['filter']);
  options.groups.forEach(groupNumber);
  eventProgram(options.filter);
}

/** The number of a group. */
export function groupNumber(group: GroupName | number): number {
  if (typeof group === 'number' && Number.isInteger(group) && group > 0 && group <= 0x7fffffff) return group;
  if (typeof group === 'string' && Object.hasOwn(RTNLGRP, group)) return RTNLGRP[group];
  throw new InputError(
    'ERR_INVALID_VALUE',
    'groups',
    `${show(group)} is not a multicast group${typeof group === 'string' ? suggest(group, Object.keys(RTNLGRP)) : ''}`,
  );
}

const read = (s: Bytes, p: number, len: number): MonitorEvent => eventAt(knownMessage, s, p, len) as MonitorEvent;

/** The events of `ipr.monitor({ groups: ['link'] })`, from the moment it is made. */
export class Monitor extends EventStream<MonitorEvent> {
  /** `transport` belongs to the monitor; `forget` is called once when it is closed. */
  constructor(transport: Transport, options: MonitorOptions, forget: () => void) {
    const { groups, signal, filter } = options;
    super(transport, { groups: groups.map(groupNumber), signal, read, program: eventProgram(filter) }, forget);
  }
}
