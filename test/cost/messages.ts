/** What the loops that are counted read, in hexadecimal. */
import { rows } from '../rtnl/tlv.js';

/** A link with all that the kernel says of it. */
export const LINK = rows('links').find(({ name }) => name === 'veth: add peer mtu 1300 / reply')?.hex ?? '';
/** A route by a gateway with a metric: table, dst, priority, gateway, oif. */
export const ROUTE =
  '4400000018000200010000000000000002180000fe0400010000000008000f00fe000000080001001001020008000600' +
  '64000000080005000aff00020800040007000000';
