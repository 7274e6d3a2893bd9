/**
 * Which kernel module has a family, for the error of one that is not there. The kernel loads most of them by itself
 * when the family is asked for; those without an alias (fou, team) must be loaded by hand.
 */
export const FAMILY_MODULES: Readonly<Record<string, string>> = {
  HSR: 'hsr',
  IPVS: 'ip_vs',
  MAC80211_HWSIM: 'mac80211_hwsim',
  NET_DM: 'drop_monitor',
  SMC_GEN_NETLINK: 'smc',
  'TCM-USER': 'target_core_user',
  TIPC: 'tipc',
  TIPCv2: 'tipc',
  batadv: 'batman_adv',
  fou: 'fou',
  gtp: 'gtp',
  ila: 'ila',
  l2tp: 'l2tp_netlink',
  macsec: 'macsec',
  nbd: 'nbd',
  nfc: 'nfc',
  nl802154: 'ieee802154',
  nl80211: 'cfg80211',
  ovpn: 'ovpn',
  ovs_ct_limit: 'openvswitch',
  ovs_datapath: 'openvswitch',
  ovs_flow: 'openvswitch',
  ovs_meter: 'openvswitch',
  ovs_packet: 'openvswitch',
  ovs_vport: 'openvswitch',
  psample: 'psample',
  team: 'team',
  wireguard: 'wireguard',
};
