/** Every key has the kernel's name and number, and so has every constant. */
import t from 'tap';
import type { StructDef } from '../../src/codec/struct.js';
import { type Table, upperSnake } from '../../src/codec/table.js';
import type { AnyType } from '../../src/codec/type.js';
import { KINDS } from '../../src/proxies/kinds.js';
import * as C from '../../src/rtnl/constants.js';
import { devconf6 } from '../../src/rtnl/devconf6.js';
import { encapVariant } from '../../src/rtnl/encaps/index.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { linkKind, linkKinds, slaveKind, slaveKinds } from '../../src/rtnl/kinds/index.js';
import { linkMap, linkStats, linkStats64 } from '../../src/rtnl/stats.js';
import { members, missing, numbers } from './headers.js';
import { NEWER_KINDS } from './newer-kinds.js';

/** Newer than headers that may be installed: numbers of Linux 6.18 to 7.2 (specs of netlink, and the source). */
const NEWER: Readonly<Record<string, number>> = {
  RTEXT_FILTER_NAME_ONLY: 0x100,
  IFLA_DEVLINK_PORT: 62,
  IFLA_GSO_IPV4_MAX_SIZE: 63,
  IFLA_GRO_IPV4_MAX_SIZE: 64,
  IFLA_DPLL_PIN: 65,
  IFLA_MAX_PACING_OFFLOAD_HORIZON: 66,
  IFLA_NETNS_IMMUTABLE: 67,
  IFLA_HEADROOM: 68,
  IFLA_TAILROOM: 69,
  IFLA_BR_FDB_N_LEARNED: 48,
  IFLA_BR_FDB_MAX_LEARNED: 49,
  IFLA_BR_STP_MODE: 50,
  IFLA_BRPORT_NEIGH_FORWARD_GRAT: 45,
  IFLA_BRPORT_MAB: 40,
  IFLA_BRPORT_MCAST_N_GROUPS: 41,
  IFLA_BRPORT_MCAST_MAX_GROUPS: 42,
  IFLA_BRPORT_NEIGH_VLAN_SUPPRESS: 43,
  IFLA_BRPORT_BACKUP_NHID: 44,
  IFLA_MACVLAN_BC_CUTOFF: 9,
  IFLA_MCTP_PHYS_BINDING: 2,
  IFLA_VXLAN_LOCALBYPASS: 31,
  IFLA_VXLAN_LABEL_POLICY: 32,
  IFLA_VXLAN_RESERVED_BITS: 33,
  IFLA_VXLAN_MC_ROUTE: 34,
  DPLL_A_PIN_ID: 1,
  RTM_NEWMULTICAST: 56,
  RTM_DELMULTICAST: 57,
  RTM_NEWANYCAST: 60,
  RTM_DELANYCAST: 61,
  RTNLGRP_IPV4_MCADDR: 37,
  RTNLGRP_IPV6_MCADDR: 38,
  RTNLGRP_IPV6_ACADDR: 39,
  RTPROT_OVN: 84,
  BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION: 3,
  BR_BOOLOPT_FDB_LOCAL_VLAN_0: 4,
};

/** In headers of the C library, not of the kernel: AF_* are compared with the table of families. */
const AF: Readonly<Record<string, number>> = { AF_INET: C.AF.inet, AF_INET6: C.AF.inet6, AF_MCTP: C.AF.mctp };

const known = missing
  ? new Map<string, number>()
  : numbers(
      'if.h',
      'if_link.h',
      'if_bridge.h',
      'veth.h',
      'ip.h',
      'ipv6.h',
      'devlink.h',
      'rtnetlink.h',
      'if_addr.h',
      'if_arp.h',
      'if_tunnel.h',
      'ip6_tunnel.h',
      'if_vlan.h',
      'if_bonding.h',
      'batman_adv.h',
      'can/vxcan.h',
      'can/netlink.h',
      'lwtunnel.h',
      'mpls_iptunnel.h',
      'seg6_iptunnel.h',
      'seg6_local.h',
      'rpl_iptunnel.h',
      'ila.h',
    );
const numberOf = (name: string): number | undefined => known.get(name) ?? NEWER[name] ?? NEWER_KINDS[name] ?? AF[name];

/** Every table that a type leads to. */
function* tablesIn(type: AnyType, seen = new Set<AnyType>()): Iterable<Table> {
  if (seen.has(type)) return;
  seen.add(type);
  const { nest, inner, family } = type.aux;
  if (nest !== undefined) yield* tablesOf(nest, seen);
  if (inner !== undefined) yield* tablesIn(inner, seen);
  for (const one of family === undefined ? [] : [...Object.values(family.families), family.other])
    yield* tablesIn(one, seen);
}
function* tablesOf(table: Table, seen = new Set<AnyType>()): Iterable<Table> {
  yield table;
  for (const { type } of table.compiled.byKey.values()) yield* tablesIn(type, seen);
}

t.test('attributes', { skip: missing }, async (t) => {
  const seen = new Set<AnyType>();
  const tables = [...tablesOf(ifinfmsg.table, seen)];
  // Kinds that no kernel makes have names and numbers of our own.
  for (const kind of linkKinds()) if (!KINDS.has(kind)) tables.push(...tablesIn(linkKind(kind)!, seen));
  for (const kind of slaveKinds()) tables.push(...tablesIn(slaveKind(kind)!, seen));
  for (const name of encapVariant.places()) tables.push(...tablesIn(encapVariant.pick(name)!, seen));
  const wrong: string[] = [];
  let count = 0;
  for (const table of tables) {
    for (const [key, { id }] of table.compiled.byKey) {
      count++;
      const name = table.nameOf(key);
      if (numberOf(name) !== id) wrong.push(`${name} = ${id}, not ${numberOf(name)}`);
      if (table.keyOf(name) !== key) wrong.push(`${name} does not lead to ${key}`);
    }
  }
  t.same(wrong, []);
  t.ok(count > 250, `${count} attributes`);
});

t.test('every attribute of the kernel has a key', { skip: missing }, async (t) => {
  const tables: [string, Table | undefined][] = [
    ['IFLA_BR_', linkKind('bridge')!.aux.nest],
    ['IFLA_BRPORT_', slaveKind('bridge')!.aux.nest],
    ['IFLA_VXLAN_', linkKind('vxlan')!.aux.nest],
    ['IFLA_MACVLAN_', linkKind('macvlan')!.aux.nest],
    ['IFLA_TUN_', linkKind('tun')!.aux.nest],
    ['IFLA_VLAN_', linkKind('vlan')!.aux.nest],
    ['IFLA_BOND_', linkKind('bond')!.aux.nest],
    ['IFLA_BOND_SLAVE_', slaveKind('bond')!.aux.nest],
    ['IFLA_IPVLAN_', linkKind('ipvlan')!.aux.nest],
    ['IFLA_GENEVE_', linkKind('geneve')!.aux.nest],
    ['IFLA_VTI_', linkKind('vti')!.aux.nest],
    ['IFLA_XFRM_', linkKind('xfrm')!.aux.nest],
    ['IFLA_HSR_', linkKind('hsr')!.aux.nest],
    ['IFLA_GTP_', linkKind('gtp')!.aux.nest],
    ['IFLA_MACSEC_', linkKind('macsec')!.aux.nest],
    ['MPLS_IPTUNNEL_', encapVariant.pick('mpls')!.aux.nest],
    ['SEG6_IPTUNNEL_', encapVariant.pick('seg6')!.aux.nest],
    ['LWT_XFRM_', encapVariant.pick('xfrm')!.aux.nest],
  ];
  for (const [prefix, table] of tables) {
    const ids = new Set([...table!.compiled.byKey.values()].map((entry) => entry.id));
    const absent = [...known].filter(
      ([name, id]) => name.startsWith(prefix) && !/_(UNSPEC|MAX)$/.test(name) && !ids.has(id),
    );
    t.same(absent, [], prefix);
  }
  const ids = [...ifinfmsg.table.compiled.byKey.values()].map((entry) => entry.id);
  t.same(
    ids,
    Array.from({ length: 69 }, (_, i) => i + 1),
    'IFLA_ADDRESS to IFLA_TAILROOM',
  );
});

t.test('no key is both a header member and an attribute', async (t) => {
  const keys = [...ifinfmsg.table.compiled.byKey.keys()];
  const header = new Set([...ifinfmsg.headerKeys, ...Object.keys(ifinfmsg.virtual)]);
  t.same(
    keys.filter((key) => header.has(key)),
    [],
  );
});

t.test('structs', { skip: missing }, async (t) => {
  const layouts: [string, string, StructDef<object>][] = [
    ['if_link.h', 'rtnl_link_stats', linkStats],
    ['if_link.h', 'rtnl_link_stats64', linkStats64],
    ['if_link.h', 'rtnl_link_ifmap', linkMap],
  ];
  for (const [file, name, def] of layouts) {
    t.same(
      def.fields.map((field) => upperSnake(field.key).toLowerCase()),
      members(file, name),
      name,
    );
  }
  const newer = new Set(['DEVCONF_ACCEPT_RA_MIN_LFT', 'DEVCONF_FORCE_FORWARDING']);
  const wrong = devconf6.fields
    .map((field) => [`DEVCONF_${upperSnake(field.key)}`, field.offset / 4] as const)
    .filter(([name, i]) => known.get(name) !== i && !(newer.has(name) && !known.has(name)));
  t.same(wrong, [], 'DEVCONF_*');
});

t.test('constants', { skip: missing }, async (t) => {
  const upper = (word: string): string => word.toUpperCase();
  const maps: [Readonly<Record<string, number>>, (word: string) => string, string[]?][] = [
    [C.RTM, (word) => word],
    [C.RTNLGRP, (word) => `RTNLGRP_${upper(word).replaceAll('-', '_').replace('DECNET', 'DECnet')}`],
    [C.IFF, (word) => `IFF_${word}`],
    [C.ARPHRD, (word) => `ARPHRD_${upper(word)}`],
    [C.RTEXT_FILTER, (word) => `RTEXT_FILTER_${upper(word)}`],
    [C.XDP_FLAGS, (word) => `XDP_FLAGS_${upper(word)}`],
    [C.MACVLAN_FLAG, (word) => `MACVLAN_FLAG_${upper(word)}`],
    [C.IPVLAN_F, (word) => `IPVLAN_F_${upper(word)}`],
    [C.VLAN_FLAG, (word) => `VLAN_FLAG_${upper(word)}`],
    [C.LACP_STATE, (word) => `LACP_STATE_${upper(word)}`],
    [C.TUNNEL_ENCAP_FLAG, (word) => `TUNNEL_ENCAP_FLAG_${upper(word)}`],
    [C.IP6_TNL_F, (word) => `IP6_TNL_F_${upper(word)}`],
    [C.CAN_CTRLMODE, (word) => `CAN_CTRLMODE_${upper(word)}`],
    [C.BRIDGE_FLAGS, (word) => `BRIDGE_FLAGS_${upper(word)}`],
    [C.BRIDGE_MODE, (word) => `BRIDGE_MODE_${upper(word)}`],
    [C.BRIDGE_VLAN_INFO, (word) => `BRIDGE_VLAN_INFO_${upper(word)}`],
    [C.IFA_F, (word) => `IFA_F_${upper(word)}`],
    [C.RTN, (word) => `RTN_${upper(word)}`],
    [C.RT_SCOPE, (word) => `RT_SCOPE_${upper(word)}`, ['global']],
    [C.RTPROT, (word) => `RTPROT_${upper(word)}`],
    [C.RT_TABLE, (word) => `RT_TABLE_${upper(word)}`],
    [C.RTM_F, (word) => `RTM_F_${upper(word)}`],
    [C.RTNH_F, (word) => `RTNH_F_${upper(word)}`],
  ];
  const wrong: string[] = [];
  for (const [map, nameOf, aliases] of maps) {
    for (const [word, value] of Object.entries(map)) {
      if (aliases?.includes(word)) continue;
      const name = nameOf(word);
      if (numberOf(name) !== value) wrong.push(`${name} = ${value}, not ${numberOf(name)}`);
    }
  }
  for (const [word, bit] of Object.entries(C.BR_BOOLOPT)) {
    const name = `BR_BOOLOPT_${upper(word)}`;
    if (2 ** (numberOf(name) ?? 99) !== bit) wrong.push(name);
  }
  for (const [word, bit] of Object.entries(C.SEG6_LOCAL_FLV_OP)) {
    const name = `SEG6_LOCAL_FLV_OP_${upper(word)}`;
    if (2 ** (numberOf(name) ?? 99) !== bit) wrong.push(name);
  }
  t.same(wrong, []);
});

t.test('names', async (t) => {
  t.same(C.names(C.IFF, C.IFF.UP | C.IFF.LOWER_UP), ['UP', 'LOWER_UP']);
  t.same(C.names(C.IFA_F, 1), ['secondary'], 'one word for a bit with two');
  t.same(C.names(C.IFF, 0x80000000), [], 'a bit without a word');
});
