/** Counters of bridges, bonds, hardware and MPLS: structs of linux/if_bridge.h, if_bonding.h, if_link.h and mpls.h. */
import { skip, u64 } from '../codec/leaf.js';
import { struct } from '../codec/struct.js';
import { attr } from '../codec/type.js';

/** struct bridge_vlan_xstats. */
export const bridgeVlan = struct(
  (r) => ({
    rxBytes: r.u64(0),
    rxPackets: r.u64(8),
    txBytes: r.u64(16),
    txPackets: r.u64(24),
    vid: r.u16(32),
    /** BRIDGE_VLAN_INFO_* bits. */
    flags: r.u16(34),
  }),
  40,
);

/** struct br_mcast_stats, with a member for each direction. */
export const bridgeMcast = struct(
  (r) => ({
    igmpV1queriesRx: r.u64(0),
    igmpV1queriesTx: r.u64(8),
    igmpV2queriesRx: r.u64(16),
    igmpV2queriesTx: r.u64(24),
    igmpV3queriesRx: r.u64(32),
    igmpV3queriesTx: r.u64(40),
    igmpLeavesRx: r.u64(48),
    igmpLeavesTx: r.u64(56),
    igmpV1reportsRx: r.u64(64),
    igmpV1reportsTx: r.u64(72),
    igmpV2reportsRx: r.u64(80),
    igmpV2reportsTx: r.u64(88),
    igmpV3reportsRx: r.u64(96),
    igmpV3reportsTx: r.u64(104),
    igmpParseErrors: r.u64(112),
    mldV1queriesRx: r.u64(120),
    mldV1queriesTx: r.u64(128),
    mldV2queriesRx: r.u64(136),
    mldV2queriesTx: r.u64(144),
    mldLeavesRx: r.u64(152),
    mldLeavesTx: r.u64(160),
    mldV1reportsRx: r.u64(168),
    mldV1reportsTx: r.u64(176),
    mldV2reportsRx: r.u64(184),
    mldV2reportsTx: r.u64(192),
    mldParseErrors: r.u64(200),
    mcastBytesRx: r.u64(208),
    mcastBytesTx: r.u64(216),
    mcastPacketsRx: r.u64(224),
    mcastPacketsTx: r.u64(232),
  }),
  240,
);

/** struct bridge_stp_xstats. */
export const bridgeStp = struct(
  (r) => ({
    transitionBlk: r.u64(0),
    transitionFwd: r.u64(8),
    rxBpdu: r.u64(16),
    txBpdu: r.u64(24),
    rxTcn: r.u64(32),
    txTcn: r.u64(40),
  }),
  48,
);

/** struct rtnl_hw_stats64. */
export const hwStats64 = struct(
  (r) => ({
    rxPackets: r.u64(0),
    txPackets: r.u64(8),
    rxBytes: r.u64(16),
    txBytes: r.u64(24),
    rxErrors: r.u64(32),
    txErrors: r.u64(40),
    rxDropped: r.u64(48),
    txDropped: r.u64(56),
    multicast: r.u64(64),
  }),
  72,
);

/** struct mpls_link_stats. */
export const mplsLink = struct(
  (r) => ({
    rxPackets: r.u64(0),
    txPackets: r.u64(8),
    rxBytes: r.u64(16),
    txBytes: r.u64(24),
    rxErrors: r.u64(32),
    txErrors: r.u64(40),
    rxDropped: r.u64(48),
    txDropped: r.u64(56),
    rxNoroute: r.u64(64),
  }),
  72,
);

/** BOND_3AD_STAT_*. */
export const bond3ad = () => ({
  lacpduRx: attr(0, u64),
  lacpduTx: attr(1, u64),
  lacpduUnknownRx: attr(2, u64),
  lacpduIllegalRx: attr(3, u64),
  markerRx: attr(4, u64),
  markerTx: attr(5, u64),
  markerRespRx: attr(6, u64),
  markerRespTx: attr(7, u64),
  markerUnknownRx: attr(8, u64),
  pad: attr(9, skip),
});
