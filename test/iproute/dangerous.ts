/** Deletions, flushes and changes that say less than is meant: none may reach the kernel, which would take them for more. */
import { addr, type Call, type Case, CONFLICT, INVALID, link, MISSING, route, UNDEFINED, UNKNOWN } from './calls.js';

const verb =
  (name: 'rule' | 'neigh' | 'fdb' | 'vni' | 'ntable' | 'addrlabel') =>
  (cmd: string, spec?: unknown): Call =>
  (ipr) =>
    ipr[name](cmd, spec);
const rule = verb('rule');
const neigh = verb('neigh');
const fdb = verb('fdb');
const vni = verb('vni');
const ntable = verb('ntable');
const addrlabel = verb('addrlabel');

const ALL = '00:00:00:00:00:00';
const GROUP = '01:00:5e:00:00:05';
const HOST = '02:00:00:00:00:01';

/** By object. */
export const dangerous: Readonly<Record<string, readonly Case[]>> = {
  links: [
    ['deletes no link in particular', link('del', {}), MISSING, 'dev'],
    ['deletes a link whose name was not found', link('del', { dev: undefined }), UNDEFINED, 'dev'],
    ['deletes a link by a name that is empty', link('del', { ifname: '' }), INVALID, 'ifname'],
    ['changes a link whose index was not found', link('set', { index: undefined, state: 'down' }), UNDEFINED, 'index'],
  ],
  addresses: [
    ['deletes without an interface', addr('del', { address: '10.0.0.1/24' }), MISSING, 'index'],
    [
      'deletes on an interface that was not found',
      addr('del', { dev: undefined, address: '10.0.0.1/24' }),
      UNDEFINED,
      'dev',
    ],
    ['deletes an address that was not found', addr('del', { dev: 1, address: undefined }), UNDEFINED, 'address'],
    ['flushes by a prototype', (ipr) => ipr.flushAddr(JSON.parse('{"__proto__":{}}')), UNKNOWN, '__proto__'],
    ['flushes each family', (ipr) => ipr.flushAddr({ family: 0 }), MISSING, 'filter'],
    ['flushes nothing in particular', (ipr) => ipr.flushAddr({}), MISSING, 'filter'],
    ['flushes without an argument', (ipr) => ipr.flushAddr(), MISSING, 'filter'],
    ['flushes an interface that was not found', (ipr) => ipr.flushAddr({ dev: undefined }), UNDEFINED, 'dev'],
    ['flushes not all', (ipr) => ipr.flushAddr({ all: false }), CONFLICT, 'all'],
  ],
  routes: [
    ['deletes no route in particular', route('del', {}), MISSING, 'dst'],
    ['deletes a destination that was not found', route('del', { dst: undefined }), UNDEFINED, 'dst'],
    [
      'deletes by a gateway that was not found',
      route('del', { dst: '10.0.0.0/8', gateway: undefined }),
      UNDEFINED,
      'gateway',
    ],
    ['deletes from a table that was not found', route('del', { dst: 'default', table: undefined }), UNDEFINED, 'table'],
    ['deletes by a link of index 0', route('del', { dst: 'default', oif: 0 }), INVALID, 'oif'],
    ['deletes by a next hop 0', route('del', { dst: 'default', nhId: 0 }), INVALID, 'nhId'],
    ['deletes from the table 0', route('del', { dst: 'default', table: 0 }), INVALID, 'table'],
    ['deletes by the gateway 0.0.0.0', route('del', { dst: 'default', gateway: '0.0.0.0' }), INVALID, 'gateway'],
    ['deletes by the source ::', route('del', { dst: '2001:db8::/32', prefsrc: '::' }), INVALID, 'prefsrc'],
    ['deletes by no metric', route('del', { dst: 'default', metrics: {} }), INVALID, 'metrics'],
    ['deletes by a mark', route('del', { dst: 'default', mark: 7 }), CONFLICT, 'mark'],
    [
      'deletes by a metric of IPv6',
      route('del', { dst: '2001:db8::/32', metrics: { mtu: 1400 } }),
      CONFLICT,
      'metrics',
    ],
    ['flushes each family', (ipr) => ipr.flushRoutes({ family: 0 }), MISSING, 'filter'],
    ['flushes each family in a word', (ipr) => ipr.flushRoutes({ family: 'unspec' }), MISSING, 'filter'],
    ['flushes by a prototype', (ipr) => ipr.flushRoutes(JSON.parse('{"__proto__":{}}')), UNKNOWN, '__proto__'],
    ['flushes by a text', (ipr) => ipr.flushRoutes('eth0'), INVALID, 'filter'],
    ['flushes nothing in particular', (ipr) => ipr.flushRoutes({}), MISSING, 'filter'],
    ['flushes a table that was not found', (ipr) => ipr.flushRoutes({ table: undefined }), UNDEFINED, 'table'],
    ['flushes all of one table', (ipr) => ipr.flushRoutes({ all: true, table: 5 }), CONFLICT, 'all'],
  ],
  rules: [
    ['deletes by an interface whose name is empty', rule('del', { oif: '' }), INVALID, 'oif'],
    ['deletes by another whose name is empty', rule('del', { iifname: '' }), INVALID, 'iifname'],
    ['makes a rule of an interface whose name is empty', rule('add', { iif: '', table: 100 }), INVALID, 'iif'],
    ['makes a rule of nothing', rule('add'), MISSING, 'rule'],
    ['deletes by a prefix that is any', rule('del', { src: '0.0.0.0/0' }), MISSING, 'priority'],
    ['deletes by another prefix that is any', rule('del', { dst: '10.0.0.0/0' }), MISSING, 'priority'],
    ['deletes by a prefix of IPv6 that is any', rule('del', { src: '::/0' }), MISSING, 'priority'],
    ['deletes by a flow label of IPv4', rule('del', { family: 'inet', flowlabel: 5 }), CONFLICT, 'flowlabel'],
    ['deletes by a flow label of 0', rule('del', { flowlabel: 0 }), MISSING, 'priority'],
    ['deletes by the mask of a flow label', rule('del', { flowlabelMask: 255 }), MISSING, 'priority'],
    ['deletes by realms of IPv6', rule('del', { family: 'inet6', flow: 5 }), CONFLICT, 'flow'],
    ['deletes no rule in particular', rule('del', {}), MISSING, 'priority'],
    ['deletes without an argument', rule('del'), MISSING, 'priority'],
    ['deletes the first of a family', rule('del', { family: 'inet6' }), MISSING, 'priority'],
    ['deletes by what means any', rule('del', { table: 0, tos: 0, ipProto: 0 }), MISSING, 'priority'],
    ['deletes by the word for any', rule('del', { src: 'all', dst: 'default' }), MISSING, 'priority'],
    ['deletes by no VRF', rule('del', { l3mdev: false }), MISSING, 'priority'],
    ['deletes by what the kernel does not look at', rule('del', { not: true, goto: 100, action: 0 }), CONFLICT, 'goto'],
    ['deletes any rule that goes on elsewhere', rule('del', { goto: 100 }), MISSING, 'priority'],
    ['deletes the opposite', rule('del', { not: true, src: '10.0.0.0/8' }), MISSING, 'priority'],
    ['deletes the opposite by a flag', rule('del', { flags: ['invert'], table: 5 }), MISSING, 'priority'],
    ['deletes by a flag', rule('del', { not: true }), MISSING, 'priority'],
    ['deletes by a length without a prefix', rule('del', { srcLen: 8, table: 5 }), MISSING, 'src'],
    ['deletes by a source that was not found', rule('del', { src: undefined, table: 5 }), UNDEFINED, 'src'],
    ['deletes by a priority that was not found', rule('del', { priority: undefined, table: 5 }), UNDEFINED, 'priority'],
    ['adds a rule for every source', rule('add', { src: undefined, table: 5 }), UNDEFINED, 'src'],
    ['adds a rule for every interface', rule('add', { iif: undefined, action: 'blackhole' }), UNDEFINED, 'iif'],
    ['flushes nothing in particular', (ipr) => ipr.flushRules({}), MISSING, 'filter'],
    ['flushes without an argument', (ipr) => ipr.flushRules(), MISSING, 'filter'],
    ['flushes a table that was not found', (ipr) => ipr.flushRules({ table: undefined }), UNDEFINED, 'table'],
    ['flushes not all', (ipr) => ipr.flushRules({ all: undefined }), MISSING, 'filter'],
  ],
  neighbours: [
    ['deletes no neighbour in particular', neigh('del', {}), MISSING, 'dst'],
    ['deletes on every interface', neigh('del', { dst: '10.0.0.2' }), MISSING, 'dev'],
    ['deletes on an interface that was not found', neigh('del', { dev: undefined, dst: '10.0.0.2' }), UNDEFINED, 'dev'],
    ['deletes on interface 0', neigh('del', { dev: 0, dst: '10.0.0.2' }), 'ERR_OUT_OF_RANGE', 'dev'],
    ['deletes an address that was not found', neigh('del', { dev: 1, dst: undefined }), UNDEFINED, 'dst'],
    ['deletes a whole prefix', neigh('del', { dev: 1, dst: '10.0.0.0/24' }), INVALID, 'dst'],
    [
      'makes a neighbour of an address that was not found',
      neigh('replace', { dev: 1, dst: undefined }),
      UNDEFINED,
      'dst',
    ],
    ['flushes nothing in particular', (ipr) => ipr.flushNeighbours({}), MISSING, 'filter'],
    ['flushes an interface that was not found', (ipr) => ipr.flushNeighbours({ dev: undefined }), UNDEFINED, 'dev'],
    ['flushes all of one interface', (ipr) => ipr.flushNeighbours({ all: true, dev: 1 }), CONFLICT, 'all'],
  ],
  'forwarding entries': [
    ['deletes no entry in particular', fdb('del', {}), MISSING, 'lladdr'],
    ['deletes on every interface', fdb('del', { lladdr: HOST }), MISSING, 'dev'],
    ['deletes on an interface that was not found', fdb('del', { dev: undefined, lladdr: HOST }), UNDEFINED, 'dev'],
    ['deletes every destination of the default entry', fdb('del', { dev: 1, lladdr: ALL }), MISSING, 'dst'],
    ['deletes every destination of a group', fdb('del', { dev: 1, lladdr: GROUP }), MISSING, 'dst'],
    ['deletes a destination that was not found', fdb('del', { dev: 1, lladdr: ALL, dst: undefined }), UNDEFINED, 'dst'],
    ['deletes all and one', fdb('del', { dev: 1, lladdr: ALL, dst: '10.0.0.2', all: true }), CONFLICT, 'all'],
    ['deletes in every VLAN', fdb('del', { dev: 1, lladdr: HOST, master: true, vlan: undefined }), UNDEFINED, 'vlan'],
    ['adds in every VLAN', fdb('add', { dev: 1, lladdr: HOST, master: true, vlan: undefined }), UNDEFINED, 'vlan'],
    ['flushes every interface', fdb('flush', {}), MISSING, 'dev'],
    ['flushes without an argument', fdb('flush'), MISSING, 'dev'],
    ['flushes an interface that was not found', fdb('flush', { dev: undefined, vlan: 5 }), UNDEFINED, 'dev'],
    ['flushes a VLAN that was not found', fdb('flush', { dev: 1, vlan: undefined }), UNDEFINED, 'vlan'],
    ['flushes a far end that was not found', fdb('flush', { dev: 1, dst: undefined }), UNDEFINED, 'dst'],
    ['flushes everything everywhere', fdb('flush', { all: true }), MISSING, 'dev'],
    [
      'flushes by properties that exclude each other',
      fdb('flush', { dev: 1, static: true, dynamic: true }),
      CONFLICT,
      'dynamic',
    ],
  ],
  'identifiers, tables, labels': [
    ['deletes every identifier', vni('del', { dev: 1 }), MISSING, 'vni'],
    ['deletes an identifier that was not found', vni('del', { dev: 1, vni: undefined }), UNDEFINED, 'vni'],
    ['deletes no identifiers', vni('del', { dev: 1, vni: [] }), INVALID, 'vni'],
    ['deletes of every link', vni('del', { vni: 5 }), MISSING, 'dev'],
    [
      'changes every interface to come',
      ntable('set', { name: 'arp_cache', dev: undefined, parms: { queueLen: 5 } }),
      UNDEFINED,
      'dev',
    ],
    ['changes a table that was not found', ntable('set', { name: undefined, thresh1: 5 }), UNDEFINED, 'name'],
    ['deletes every label', addrlabel('del', {}), MISSING, 'address'],
    ['deletes a label that was not found', addrlabel('del', { address: undefined }), UNDEFINED, 'address'],
    ['deletes of every interface', addrlabel('del', { address: '2001:db8::/32', dev: undefined }), UNDEFINED, 'dev'],
  ],
};
