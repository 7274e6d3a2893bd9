/** The messages of rtnetlink as classes, under pyroute2's names. */
import { nlmsg } from '../codec/class.js';
import { brvlanmsg as vlans } from './brvlanmsg.js';
import { fibmsg as rules } from './fibmsg.js';
import { ifaddrlblmsg as labels } from './ifaddrlblmsg.js';
import { ifaddrmsg as addrs } from './ifaddrmsg.js';
import { ifinfmsg as links } from './ifinfmsg.js';
import { ifstatsmsg as stats } from './ifstatsmsg.js';
import { mdbmsg as groups } from './mdbmsg.js';
import { ndmsg as neighbours } from './ndmsg.js';
import { ndtmsg as tables } from './ndtmsg.js';
import { netconfmsg as netconf } from './netconfmsg.js';
import { nhmsg as nexthops } from './nhmsg.js';
import { nsidmsg as nsids } from './nsidmsg.js';
import { rtmsg as routes } from './rtmsg.js';
import { tunnelmsg as tunnels } from './tunnelmsg.js';

/** A link message: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK. */
export class ifinfmsg extends nlmsg(links) {}
/** An address message: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. */
export class ifaddrmsg extends nlmsg(addrs) {}
/** A message about numbers of namespaces: RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID. */
export class nsidmsg extends nlmsg(nsids) {}
/** A route message: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE. */
export class rtmsg extends nlmsg(routes) {}
/** A message of a neighbour or of a forwarding entry: RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH. */
export class ndmsg extends nlmsg(neighbours) {}
/** A rule message: RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE. */
export class fibmsg extends nlmsg(rules) {}
/** A message about a neighbour table: RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL, RTM_SETNEIGHTBL. */
export class ndtmsg extends nlmsg(tables) {}
/** A message about forwarding: RTM_NEWNETCONF, RTM_DELNETCONF, RTM_GETNETCONF. */
export class netconfmsg extends nlmsg(netconf) {}
/** A message about the label of a prefix: RTM_NEWADDRLABEL, RTM_DELADDRLABEL, RTM_GETADDRLABEL. */
export class ifaddrlblmsg extends nlmsg(labels) {}
/** A message with counters: RTM_NEWSTATS. */
export class ifstatsmsg extends nlmsg(stats) {}
/** A message about the identifiers of a tunnel: RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL. */
export class tunnelmsg extends nlmsg(tunnels) {}
/** A next-hop message: RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP, and the same of RTM_NEWNEXTHOPBUCKET. */
export class nhmsg extends nlmsg(nexthops) {}
/** A message about the VLANs of a bridge: RTM_NEWVLAN, RTM_DELVLAN. */
export class brvlanmsg extends nlmsg(vlans) {}
/** A message about multicast groups of a bridge: RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB. */
export class mdbmsg extends nlmsg(groups) {}
