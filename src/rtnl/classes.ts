/** The messages of rtnetlink as classes, under pyroute2's names. */
import { nlmsg } from '../codec/class.js';
import { brvlanmsg as vlans } from './brvlanmsg.js';
import { ifaddrmsg as addrs } from './ifaddrmsg.js';
import { ifinfmsg as links } from './ifinfmsg.js';
import { mdbmsg as groups } from './mdbmsg.js';
import { nhmsg as nexthops } from './nhmsg.js';
import { rtmsg as routes } from './rtmsg.js';

/** A link message: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK. */
export class ifinfmsg extends nlmsg(links) {}
/** An address message: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. */
export class ifaddrmsg extends nlmsg(addrs) {}
/** A route message: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE. */
export class rtmsg extends nlmsg(routes) {}
/** A next-hop message: RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP, and the same of RTM_NEWNEXTHOPBUCKET. */
export class nhmsg extends nlmsg(nexthops) {}
/** A message about the VLANs of a bridge: RTM_NEWVLAN, RTM_DELVLAN. */
export class brvlanmsg extends nlmsg(vlans) {}
/** A message about multicast groups of a bridge: RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB. */
export class mdbmsg extends nlmsg(groups) {}
