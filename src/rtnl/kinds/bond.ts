/** bond: links joined into one. IFLA_BOND_* of linux/if_link.h. Times are in milliseconds. */
import { bool8, ifindex, ip4, ip6, mac, nest, nestArray, ranged, u8, u16, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const adInfo = () => ({
  aggregator: attr(1, u16),
  numPorts: attr(2, u16),
  actorKey: attr(3, u16),
  partnerKey: attr(4, u16),
  partnerMac: attr(5, mac),
});
export interface BondAdInfo extends Out<typeof adInfo> {}
export interface BondAdInfoIn extends In<typeof adInfo> {}

const ARP_VALIDATE = { none: 0, active: 1, backup: 2, all: 3, filter: 4, filter_active: 5, filter_backup: 6 };
const XMIT_HASH_POLICY = {
  layer2: 0,
  'layer3+4': 1,
  'layer2+3': 2,
  'encap2+3': 3,
  'encap3+4': 4,
  'vlan+srcmac': 5,
};

const table = () => ({
  mode: attr(
    1,
    words(u8, {
      'balance-rr': 0,
      'active-backup': 1,
      'balance-xor': 2,
      broadcast: 3,
      '802.3ad': 4,
      'balance-tlb': 5,
      'balance-alb': 6,
    }),
  ),
  /** Index of the port that carries the traffic; 0 lets the bond choose. */
  activeSlave: attr(2, ifindex),
  /** How often links are looked at; 0: never. */
  miimon: attr(3, u32),
  /** A multiple of `miimon`. */
  updelay: attr(4, u32),
  /** A multiple of `miimon`. */
  downdelay: attr(5, u32),
  /** Always true since Linux 6.18. */
  useCarrier: attr(6, bool8),
  /** 0: no ARP monitoring. */
  arpInterval: attr(7, u32),
  /** Up to 16 addresses. A change replaces them all. */
  arpIpTarget: attr(8, nestArray(ip4, 0, 0)),
  arpValidate: attr(9, words(u32, ARP_VALIDATE)),
  arpAllTargets: attr(10, words(u32, { any: 0, all: 1 })),
  /** Index of the port that is preferred; 0: none. */
  primary: attr(11, ifindex),
  primaryReselect: attr(12, words(u8, { always: 0, better: 1, failure: 2 })),
  failOverMac: attr(13, words(u8, { none: 0, active: 1, follow: 2 })),
  xmitHashPolicy: attr(14, words(u8, XMIT_HASH_POLICY)),
  /** Reports after a failover, 0 to 255. */
  resendIgmp: attr(15, ranged(u32, 0, 255)),
  /** Gratuitous ARPs and neighbour advertisements after a failover. */
  numPeerNotif: attr(16, u8),
  /** Take frames that come in by ports that are not active. */
  allSlavesActive: attr(17, bool8),
  /** Ports that must be up for the bond to be up. */
  minLinks: attr(18, u32),
  /** Seconds between learning packets. */
  lpInterval: attr(19, u32),
  /** Packets before the next port is taken (balance-rr); 0: a random port. */
  packetsPerSlave: attr(20, ranged(u32, 0, 65535)),
  adLacpRate: attr(21, words(u8, { slow: 0, fast: 1 })),
  /** `actor_port_prio` came with Linux 6.18. */
  adSelect: attr(22, words(u8, { stable: 0, bandwidth: 1, count: 2, actor_port_prio: 3 })),
  /** The active aggregator (802.3ad). */
  adInfo: attr(23, nest<BondAdInfo, BondAdInfoIn>('IFLA_BOND_AD_INFO', adInfo)),
  adActorSysPrio: attr(24, u16),
  /** The upper 10 bits of the port key. */
  adUserPortKey: attr(25, ranged(u16, 0, 1023)),
  adActorSystem: attr(26, mac),
  tlbDynamicLb: attr(27, bool8),
  /** A multiple of `miimon` or `arpInterval`. */
  peerNotifDelay: attr(28, u32),
  /** Linux 5.16. */
  adLacpActive: attr(29, words(u8, { off: 0, on: 1 })),
  /** ARP probes without an answer before a port is down (Linux 5.17). */
  missedMax: attr(30, ranged(u8, 1, 255)),
  /** Up to 16 addresses. A change replaces them all (Linux 5.18). */
  nsIp6Target: attr(31, nestArray(ip6, 0, 0)),
  /** Collecting and distributing start together (Linux 6.9). */
  coupledControl: attr(32, bool8),
  /** ARP and neighbour discovery leave by all ports (802.3ad, Linux 6.17). */
  broadcastNeigh: attr(33, bool8),
  /** A port without a partner that speaks LACP stays down (newer than Linux 6.18). */
  lacpStrict: attr(34, bool8),
});
export interface BondData extends Out<typeof table> {}
export interface BondDataIn extends In<typeof table> {}
export const bond = nest<BondData, BondDataIn>('IFLA_BOND', table);
