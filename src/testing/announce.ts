/** Notifications about links. */
import type { Link, LinkExtras } from './link.js';
import { GROUP, RTM } from './numbers.js';
import { type Cause, NOBODY } from './wire.js';

/** RTM_NEWLINK of a link as it is now. */
export function announceLink(link: Link, extras: LinkExtras = {}, cause: Cause = NOBODY): void {
  link.ns.notify(GROUP.link, RTM.NEWLINK, 0, cause, link.fill(extras));
}

/** RTM_NEWLINK or RTM_DELLINK of family 7, of a port of a bridge. */
export const announcePort = (link: Link, type: number = RTM.NEWLINK): void =>
  link.ns.tell(GROUP.link, type, link.fillPort(type === RTM.NEWLINK));
