/** Ports behind which there is a multicast router: MDBA_ROUTER, MDBA_ROUTER_PORT of linux/if_bridge.h. */
import { many, nest, u8, u16, u32, words } from '../codec/leaf.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out } from '../codec/type.js';
import { MDB_RTR_TYPE } from './constants.js';

const header = struct((r) => ({ ifindex: r.u32(0) }), 4);

const table = () => ({
  /** Hundredths of a second until it is forgotten, the longer of the next two. */
  timer: attr(1, u32),
  type: attr(2, words(u8, MDB_RTR_TYPE)),
  inetTimer: attr(3, u32),
  inet6Timer: attr(4, u32),
  vid: attr(5, u16),
});

/** A port behind which there is a multicast router. */
export interface RouterPort extends Out<typeof table> {
  /** Index of the port. */
  ifindex: number;
}
export interface RouterPortIn extends In<typeof table> {
  ifindex?: number | undefined;
}

const routerPort = nest<RouterPort, RouterPortIn>('MDBA_ROUTER_PATTR', table, { header });

const ports = () => ({ port: attr(1, many(routerPort)) });
export interface RouterPorts extends Out<typeof ports> {}
export interface RouterPortsIn extends In<typeof ports> {}

export const routerPorts = nest<RouterPorts, RouterPortsIn>('MDBA_ROUTER', ports);
