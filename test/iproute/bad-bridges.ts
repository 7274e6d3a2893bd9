/** Calls about ports, VLANs and groups of bridges that must be refused. */
import { batch, type Call, type Case, CONFLICT, INVALID, MISSING, RANGE, UNDEFINED, UNKNOWN } from './calls.js';

type Method = 'brport' | 'vlanFilter' | 'vlandb' | 'vlanGlobal' | 'mdb';
const call =
  (method: Method) =>
  (cmd: string, spec?: unknown, ...more: unknown[]): Call =>
  (ipr) =>
    ipr[method](cmd, spec, ...more);
const port = call('brport');
const filter = call('vlanFilter');
const vlan = call('vlandb');
const global_ = call('vlanGlobal');
const mdb = call('mdb');
const group = { ifindex: 2, port: 3, grp: '239.1.1.1' };

export const ports: Case[] = [
  ['verb', port('add', { index: 1, cost: 5 }), INVALID, 'command'],
  ['null', port('set', null), INVALID, 'brport'],
  ['nothing to set', port('set', { index: 1 }), MISSING, 'brport'],
  ['nobody', port('set', { cost: 5 }), MISSING, 'dev'],
  ['nobody, by the bridge', port('set', { cost: 5, master: true }), MISSING, 'dev'],
  ['dev and index', port('set', { dev: 'v0', index: 1, cost: 5 }), CONFLICT, 'dev'],
  ['dev and index, by the bridge', port('set', { dev: 'v0', index: 1, cost: 5, self: true }), CONFLICT, 'dev'],
  ['index 0, by the bridge', port('set', { index: 0, cost: 5, self: true }), RANGE, 'index'],
  ['index as text, by the bridge', port('set', { index: '1', cost: 5, self: true }), INVALID, 'index'],
  ['empty dev, by the bridge', port('set', { dev: '', cost: 5, self: true }), INVALID, 'dev'],
  ['misspelt key', port('set', { index: 1, coost: 5 }), UNKNOWN, 'coost'],
  ['misspelt key, by the bridge', port('set', { index: 1, coost: 5, master: true }), UNKNOWN, 'coost'],
  ['state that is none', port('set', { index: 1, state: 'up' }), INVALID, 'state'],
  ['priority of 17 bits', port('set', { index: 1, priority: 65536 }), RANGE, 'priority'],
  ['master that is a bridge', port('set', { index: 1, cost: 5, master: 'br0' }), INVALID, 'master'],
  ['self that is false', port('set', { index: 1, cost: 5, self: false }), INVALID, 'self'],
  ['hwmode that is none', port('set', { index: 1, hwmode: 'vep' }), INVALID, 'hwmode'],
  ['batch: verb', batch((b) => b.brport('get', { index: 1, cost: 5 })), INVALID, 'command'],
  ['get of nothing', port('get', {}), MISSING, 'dev'],
  ['filter of a misspelt key', (ipr) => ipr.getBrports({ coost: 5 }), UNKNOWN, 'coost'],
  ['filter by undefined', (ipr) => ipr.getBrports({ bridge: undefined }), UNDEFINED, 'bridge'],
];

export const vlans: Case[] = [
  ['verb', filter('set', { index: 1, vlanInfo: { vid: 5 } }), INVALID, 'command'],
  ['null', filter('add', null), INVALID, 'vlanFilter'],
  ['no VLAN', filter('add', { index: 1 }), MISSING, 'vlanInfo'],
  ['no link', filter('add', { vlanInfo: { vid: 5 } }), MISSING, 'dev'],
  ['misspelt key', filter('add', { index: 1, vlaninfo: { vid: 5 } }), UNKNOWN, 'vlaninfo'],
  ['misspelt key inside', filter('add', { index: 1, vlanInfo: { vid: 5, pvdi: true } }), UNKNOWN, 'vlanInfo.pvdi'],
  ['an empty list', filter('add', { index: 1, vlanInfo: [] }), INVALID, 'vlanInfo'],
  ['a list of numbers', filter('add', { index: 1, vlanInfo: [5] }), INVALID, 'vlanInfo[0]'],
  ['no vid', filter('add', { index: 1, vlanInfo: { pvid: true } }), MISSING, 'vlanInfo.vid'],
  ['VLAN 0', filter('add', { index: 1, vlanInfo: { vid: 0 } }), RANGE, 'vlanInfo.vid'],
  ['VLAN 4095', filter('add', { index: 1, vlanInfo: [{ vid: 5 }, { vid: 4095 }] }), RANGE, 'vlanInfo[1].vid'],
  ['range to 4095', filter('add', { index: 1, vlanInfo: { vid: '10-4095' } }), RANGE, 'vlanInfo.vid'],
  ['range that is none', filter('add', { index: 1, vlanInfo: { vid: '10-' } }), INVALID, 'vlanInfo.vid'],
  ['range of words', filter('add', { index: 1, vlanInfo: { vid: 'all' } }), INVALID, 'vlanInfo.vid'],
  ['range that runs back', filter('add', { index: 1, vlanInfo: { vid: '20-10' } }), CONFLICT, 'vlanInfo.vid'],
  [
    'range with an end',
    filter('add', { index: 1, vlanInfo: { vid: '10-20', vidEnd: 30 } }),
    CONFLICT,
    'vlanInfo.vidEnd',
  ],
  ['range as PVID', filter('add', { index: 1, vlanInfo: { vid: '10-20', pvid: true } }), CONFLICT, 'vlanInfo.pvid'],
  ['pvid that is a number', filter('add', { index: 1, vlanInfo: { vid: 5, pvid: 1 } }), INVALID, 'vlanInfo.pvid'],
  [
    'flag that is none',
    filter('add', { index: 1, vlanInfo: { vid: 5, flags: ['pvdi'] } }),
    INVALID,
    'vlanInfo.flags[0]',
  ],
  [
    'flag of a range',
    filter('add', { index: 1, vlanInfo: { vid: 5, flags: ['range_begin'] } }),
    INVALID,
    'vlanInfo.flags',
  ],
  ['tunnel without an id', filter('add', { index: 1, vlanTunnelInfo: { vid: 5 } }), MISSING, 'vlanTunnelInfo.id'],
  [
    'tunnel id of 25 bits',
    filter('add', { index: 1, vlanTunnelInfo: { vid: 5, id: 2 ** 24 } }),
    RANGE,
    'vlanTunnelInfo.id',
  ],
  [
    'fewer tunnel ids',
    filter('add', { index: 1, vlanTunnelInfo: { vid: '5-9', id: '1-4' } }),
    CONFLICT,
    'vlanTunnelInfo.id',
  ],
  [
    'tunnel with a flag',
    filter('add', { index: 1, vlanTunnelInfo: { vid: 5, id: 1, pvid: true } }),
    UNKNOWN,
    'vlanTunnelInfo.pvid',
  ],
  ['self that is false', filter('add', { index: 1, vlanInfo: { vid: 5 }, self: false }), INVALID, 'self'],
  ['dump by a misspelt key', filter('dump', { ifnam: 'v0' }), UNKNOWN, 'ifnam'],
  ['dump by VLAN 0', filter('dump', { vid: 0 }), RANGE, 'vid'],
  ['database: verb', vlan('replace', { ifindex: 1, vid: 5 }), INVALID, 'command'],
  ['database: no link', vlan('add', { vid: 5 }), MISSING, 'dev'],
  ['database: no VLAN', vlan('add', { ifindex: 1 }), MISSING, 'vid'],
  ['database: index for ifindex', vlan('add', { index: 1, vid: 5 }), UNKNOWN, 'index'],
  ['database: set of nothing', vlan('set', { ifindex: 1, vid: 5 }), MISSING, 'state'],
  ['database: set of flags', vlan('set', { ifindex: 1, vid: 5, pvid: true }), UNKNOWN, 'pvid'],
  ['database: state that is none', vlan('set', { ifindex: 1, vid: 5, state: 'up' }), INVALID, 'state'],
  ['database: tunnel id of 25 bits', vlan('set', { ifindex: 1, vid: 5, tunnelId: 2 ** 24 }), RANGE, 'tunnelId'],
  [
    'database: router that is a word',
    vlan('set', { ifindex: 1, vid: 5, mcastRouter: 'always' }),
    INVALID,
    'mcastRouter',
  ],
  ['database: range as PVID', vlan('add', { ifindex: 1, vid: '5-9', pvid: true }), CONFLICT, 'pvid'],
  ['database: counters are not set', vlan('set', { ifindex: 1, vid: 5, stats: {} }), UNKNOWN, 'stats'],
  ['database: dump without counters', (ipr) => ipr.getVlans({ stats: false }), INVALID, 'stats'],
  ['database: dump of link 0', (ipr) => ipr.getVlans({ ifindex: 0 }), RANGE, 'ifindex'],
  ['database: stream of a misspelt key', (ipr) => ipr.vlans({ vdi: 5 }), UNKNOWN, 'vdi'],
  ['global: verb', global_('add', { ifindex: 1, vid: 5 }), INVALID, 'command'],
  ['global: nothing', global_('set', { ifindex: 1, vid: 5 }), MISSING, 'mcastSnooping'],
  ['global: misspelt key', global_('set', { ifindex: 1, vid: 5, mcastQuerierr: true }), UNKNOWN, 'mcastQuerierr'],
  [
    'global: what comes out only',
    global_('set', { ifindex: 1, vid: 5, mcastRouterPorts: {} }),
    UNKNOWN,
    'mcastRouterPorts',
  ],
  ['global: instance of 17 bits', global_('set', { ifindex: 1, vid: 5, msti: 65536 }), RANGE, 'msti'],
];

export const groups: Case[] = [
  ['verb', mdb('set', group), INVALID, 'command'],
  ['verb of the prototype', mdb('constructor', group), INVALID, 'command'],
  ['null', mdb('add', null), INVALID, 'mdb'],
  ['no bridge', mdb('add', { port: 3, grp: '239.1.1.1' }), MISSING, 'dev'],
  ['no port', mdb('add', { ifindex: 2, grp: '239.1.1.1' }), MISSING, 'port'],
  ['port 0', mdb('add', { ...group, port: 0 }), RANGE, 'port'],
  ['port with NUL', mdb('add', { ...group, port: 'a\0b' }), INVALID, 'port'],
  ['no group', mdb('add', { ifindex: 2, port: 3 }), MISSING, 'grp'],
  ['group that is none', mdb('add', { ...group, grp: '239.1.1' }), INVALID, 'grp'],
  ['group of 7 bytes', mdb('add', { ...group, grp: '01:02:03:04:05:06:07' }), INVALID, 'grp'],
  ['group as a number', mdb('add', { ...group, grp: 5 }), INVALID, 'grp'],
  ['VLAN 4096', mdb('add', { ...group, vid: 4096 }), RANGE, 'vid'],
  ['state that is none', mdb('add', { ...group, state: 'perm' }), INVALID, 'state'],
  ['misspelt key', mdb('add', { ...group, sorce: '10.0.0.1' }), UNKNOWN, 'sorce'],
  ['source that is none', mdb('add', { ...group, source: '10.0.0' }), INVALID, 'source'],
  ['sources that are no list', mdb('add', { ...group, srcList: '10.0.0.1' }), INVALID, 'srcList'],
  ['source in a list that is none', mdb('add', { ...group, srcList: ['10.0.0.1', 'x'] }), INVALID, 'srcList[1]'],
  ['mode that is none', mdb('add', { ...group, groupMode: 'exlude' }), INVALID, 'groupMode'],
  ['protocol that is none', mdb('add', { ...group, proto: 'magic' }), INVALID, 'proto'],
  ['protocol of 9 bits', mdb('add', { ...group, proto: 256 }), RANGE, 'proto'],
  ['UDP port 0', mdb('add', { ...group, dst: '10.0.0.7', dstPort: 0 }), RANGE, 'dstPort'],
  ['identifier of 25 bits', mdb('add', { ...group, dst: '10.0.0.7', vni: 2 ** 24 }), RANGE, 'vni'],
  ['dev and ifindex', mdb('add', { ...group, dev: 'br0' }), CONFLICT, 'dev'],
  ['filter of a misspelt key', (ipr) => ipr.getMdb({ group: '239.1.1.1' }), UNKNOWN, 'group'],
  ['filter by a group that is none', (ipr) => ipr.getMdb({ grp: '239.1.1' }), INVALID, 'grp'],
  ['filter by a state that is none', (ipr) => ipr.getMdb({ state: 'perm' }), INVALID, 'state'],
  ['filter by an object', (ipr) => ipr.getMdb({ vid: {} }), INVALID, 'vid'],
  ['get of nothing', mdb('get', { ifindex: 2 }), MISSING, 'grp'],
  ['get by a port', mdb('get', group), UNKNOWN, 'port'],
];

/** What must never reach the kernel, because less is said than is meant. */
export const dangerousPorts: Case[] = [
  ['set of an undefined dev', port('set', { dev: undefined, cost: 5 }), UNDEFINED, 'dev'],
  [
    'set of an undefined index, by the bridge',
    port('set', { index: undefined, cost: 5, master: true }),
    UNDEFINED,
    'index',
  ],
  ['get of an undefined dev', port('get', { dev: undefined }), UNDEFINED, 'dev'],
];

export const dangerousVlans: Case[] = [
  ['del of no VLAN: RTM_DELLINK', filter('del', { index: 1 }), MISSING, 'vlanInfo'],
  ['del of undefined VLANs', filter('del', { index: 1, vlanInfo: undefined }), UNDEFINED, 'vlanInfo'],
  ['del of an undefined VLAN', filter('del', { index: 1, vlanInfo: { vid: undefined } }), MISSING, 'vlanInfo.vid'],
  ['del of nothing', filter('del', {}), MISSING, 'vlanInfo'],
  ['del without an argument', filter('del'), MISSING, 'vlanInfo'],
  ['del of an undefined dev', filter('del', { dev: undefined, vlanInfo: { vid: 5 } }), UNDEFINED, 'dev'],
  ['del of link 0', filter('del', { index: 0, vlanInfo: { vid: 5 } }), RANGE, 'index'],
  ['del of all by text', filter('del', { index: 1, vlanInfo: { vid: '1-' } }), INVALID, 'vlanInfo.vid'],
  ['del in a batch', batch((b) => b.vlanFilter('del', { index: 1 })), MISSING, 'vlanInfo'],
  ['database: del of nothing', vlan('del', {}), MISSING, 'vid'],
  ['database: del of no VLAN', vlan('del', { ifindex: 1 }), MISSING, 'vid'],
  ['database: del of an undefined VLAN', vlan('del', { ifindex: 1, vid: undefined }), UNDEFINED, 'vid'],
  ['database: del to an undefined end', vlan('del', { ifindex: 1, vid: 5, vidEnd: undefined }), UNDEFINED, 'vidEnd'],
  ['database: del of an undefined dev', vlan('del', { dev: undefined, vid: 5 }), UNDEFINED, 'dev'],
  ['database: del with more', vlan('del', { ifindex: 1, vid: 5, state: 'blocking' }), UNKNOWN, 'state'],
  [
    'database: set of an undefined VLAN',
    vlan('set', { ifindex: 1, vid: undefined, state: 'blocking' }),
    UNDEFINED,
    'vid',
  ],
  ['global: set of an undefined VLAN', global_('set', { ifindex: 1, vid: undefined, msti: 1 }), UNDEFINED, 'vid'],
];

export const dangerousGroups: Case[] = [
  ['del of nothing', mdb('del', {}), MISSING, 'port'],
  ['del without an argument', mdb('del'), MISSING, 'port'],
  ['del of an undefined port', mdb('del', { ...group, port: undefined }), UNDEFINED, 'port'],
  ['del of an undefined group', mdb('del', { ...group, grp: undefined }), UNDEFINED, 'grp'],
  ['del of an undefined source', mdb('del', { ...group, source: undefined }), UNDEFINED, 'source'],
  ['del of an undefined VLAN', mdb('del', { ...group, vid: undefined }), UNDEFINED, 'vid'],
  ['del of an undefined bridge', mdb('del', { port: 3, grp: '239.1.1.1', dev: undefined }), UNDEFINED, 'dev'],
  ['del with settings', mdb('del', { ...group, state: 'permanent' }), UNKNOWN, 'state'],
  ['del in a batch', batch((b) => b.mdb('del', { ifindex: 2 })), MISSING, 'port'],
  ['flush of nothing', mdb('flush', {}), MISSING, 'dev'],
  ['flush by an undefined port', mdb('flush', { ifindex: 2, port: undefined }), UNDEFINED, 'port'],
  ['flush by port 0', mdb('flush', { ifindex: 2, port: 0 }), RANGE, 'port'],
  ['flush by VLAN 0', mdb('flush', { ifindex: 2, vid: 0 }), RANGE, 'vid'],
  ['flush by protocol 0', mdb('flush', { ifindex: 2, rtprot: 0 }), RANGE, 'rtprot'],
  ['flush of all of no bridge', mdb('flush', { all: true }), MISSING, 'dev'],
  ['flush of all and more', mdb('flush', { ifindex: 2, all: true, vid: 5 }), CONFLICT, 'all'],
  ['flush by a misspelt key', mdb('flush', { ifindex: 2, grp: '239.1.1.1' }), UNKNOWN, 'grp'],
  ['one by one: flush of nothing', (ipr) => ipr.flushMdb(), MISSING, 'filter'],
  ['one by one: flush by no key', (ipr) => ipr.flushMdb({}), MISSING, 'filter'],
  ['one by one: flush by undefined', (ipr) => ipr.flushMdb({ dev: undefined }), UNDEFINED, 'dev'],
  ['one by one: flush of all and more', (ipr) => ipr.flushMdb({ all: true, vid: 5 }), CONFLICT, 'all'],
];
