/** Messages of NETLINK_ROUTE by number: one row a message. */
import type { MessageDef } from '../codec/message.js';
import { nameMessages } from '../netlink/names.js';
import { NETLINK_ROUTE } from '../netlink/options.js';
import { brvlandump, brvlanmsg } from '../rtnl/brvlanmsg.js';
import { fibmsg } from '../rtnl/fibmsg.js';
import { ifaddrlblmsg } from '../rtnl/ifaddrlblmsg.js';
import { ifaddrmsg } from '../rtnl/ifaddrmsg.js';
import { ifinfmsg } from '../rtnl/ifinfmsg.js';
import { ifstatsmsg, ifstatsreqmsg } from '../rtnl/ifstatsmsg.js';
import { mdbmsg, mdbset } from '../rtnl/mdbmsg.js';
import { ndmsg } from '../rtnl/ndmsg.js';
import { ndtmsg } from '../rtnl/ndtmsg.js';
import { netconfmsg } from '../rtnl/netconfmsg.js';
import { nhmsg } from '../rtnl/nhmsg.js';
import { nsidmsg } from '../rtnl/nsidmsg.js';
import { rtmsg } from '../rtnl/rtmsg.js';
import { tunnelmsg } from '../rtnl/tunnelmsg.js';

const MESSAGES = [
  ifinfmsg,
  ifaddrmsg,
  rtmsg,
  nhmsg,
  brvlanmsg,
  brvlandump,
  mdbmsg,
  ndmsg,
  fibmsg,
  ndtmsg,
  netconfmsg,
  ifaddrlblmsg,
  ifstatsmsg,
  ifstatsreqmsg,
  tunnelmsg,
  nsidmsg,
] as MessageDef[];

/** A type of message: the kernel's name of it, and how it is decoded. */
export interface KnownMessage {
  op: string;
  def: MessageDef;
}

const byType = new Map<number, KnownMessage>();
const byName = new Map<string, number>();
for (const def of MESSAGES)
  for (const [op, type] of Object.entries(def.types)) {
    byType.set(type, { op, def });
    byName.set(op, type);
  }

/** The message with a number, or undefined when there is no table for it. */
export const knownMessage = (type: number): KnownMessage | undefined => byType.get(type);

/** The number of a message by its name. */
export const messageNumber = (op: string): number | undefined => byName.get(op);

/** Requests with attributes of their own under the numbers of the answers'. */
const asked = new Map(Object.entries(mdbset.types).map(([op, type]) => [type, { op, def: mdbset as MessageDef }]));

nameMessages(NETLINK_ROUTE, (type, _s, _p, _seq, sent) => (sent && asked.get(type)) || knownMessage(type));
