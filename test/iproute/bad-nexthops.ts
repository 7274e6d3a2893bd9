/** Calls about next hops and their buckets that must be refused. */
import { batch, type Call, type Case, CONFLICT, INVALID, MISSING, RANGE, UNDEFINED, UNKNOWN } from './calls.js';

const hop =
  (cmd: string, spec?: unknown, ...more: unknown[]): Call =>
  (ipr) =>
    ipr.nexthop(cmd, spec, ...more);
const bucket =
  (cmd: string, spec?: unknown): Call =>
  (ipr) =>
    ipr.nexthopBucket(cmd, spec);
const via = { gateway: '10.0.0.2', oif: 1 };

export const nexthops: Case[] = [
  ['verb', hop('set', { id: 1, ...via }), INVALID, 'command'],
  ['verb of the prototype', hop('constructor', { id: 1, ...via }), INVALID, 'command'],
  ['null', hop('add', null), INVALID, 'nexthop'],
  ['an array', hop('add', [via]), INVALID, 'nexthop'],
  ['leads nowhere', hop('add', { id: 1 }), MISSING, 'gateway'],
  ['a blackhole that is none', hop('add', { id: 1, blackhole: false }), MISSING, 'gateway'],
  ['misspelt key', hop('add', { id: 1, ...via, gatway: '10.0.0.1' }), UNKNOWN, 'gatway'],
  ['scope, which is not set', hop('add', { id: 1, ...via, scope: 'link' }), UNKNOWN, 'scope'],
  ['statistics', hop('add', { id: 1, group: [1], groupStats: [] }), UNKNOWN, 'groupStats'],
  ['a filter of dumps', hop('add', { id: 1, groups: true }), UNKNOWN, 'groups'],
  ['id below zero', hop('add', { id: -1, ...via }), RANGE, 'id'],
  ['id of 33 bits', hop('add', { id: 2 ** 32, ...via }), RANGE, 'id'],
  ['id as text', hop('add', { id: '1', ...via }), INVALID, 'id'],
  ['gateway that is none', hop('add', { gateway: '10.0.0' }), INVALID, 'gateway'],
  ['gateway of another family', hop('add', { family: 'inet6', ...via }), CONFLICT, 'gateway'],
  ['flag that is none', hop('add', { ...via, flags: ['on-link'] }), INVALID, 'flags[0]'],
  ['protocol that is none', hop('add', { ...via, proto: 'magic' }), INVALID, 'proto'],
  ['proto and protocol', hop('add', { ...via, proto: 4, protocol: 4 }), CONFLICT, 'proto'],
  ['dev and oif', hop('add', { ...via, dev: 'lo' }), CONFLICT, 'dev'],
  ['dev with NUL', hop('add', { gateway: '10.0.0.2', dev: 'a\0b' }), INVALID, 'dev'],
  ['blackhole that is a number', hop('add', { blackhole: 1 }), INVALID, 'blackhole'],
  ['group of nobody', hop('add', { group: [] }), INVALID, 'group'],
  ['group that is no array', hop('add', { group: 1 }), INVALID, 'group'],
  ['member 0', hop('add', { group: [1, 0] }), RANGE, 'group[1]'],
  ['member as text', hop('add', { group: ['1'] }), INVALID, 'group[0]'],
  ['member without an id', hop('add', { group: [{ weight: 2 }] }), INVALID, 'group[0].id'],
  ['weight 0', hop('add', { group: [{ id: 1, weight: 0 }] }), RANGE, 'group[0].weight'],
  ['weight of 17 bits', hop('add', { group: [{ id: 1, weight: 65536 }] }), RANGE, 'group[0].weight'],
  ['misspelt key of a member', hop('add', { group: [{ id: 1, wait: 2 }] }), UNKNOWN, 'group[0].wait'],
  ['group with a gateway', hop('add', { group: [1], gateway: '10.0.0.2' }), CONFLICT, 'gateway'],
  ['group with an interface', hop('add', { group: [1], dev: 'lo' }), CONFLICT, 'dev'],
  ['group with flags', hop('add', { group: [1], flags: ['onlink'] }), CONFLICT, 'flags'],
  ['group type that is none', hop('add', { group: [1], groupType: 'resilent' }), INVALID, 'groupType'],
  ['buckets of an ordinary group', hop('add', { group: [1], groupType: 'mpath', resGroup: {} }), CONFLICT, 'resGroup'],
  ['buckets without a group', hop('add', { ...via, resGroup: { buckets: 4 } }), CONFLICT, 'resGroup'],
  ['65,536 buckets', hop('add', { group: [1], resGroup: { buckets: 65536 } }), RANGE, 'resGroup.buckets'],
  ['encapsulation without a payload', hop('add', { ...via, encapType: 'mpls', encap: {} }), INVALID, 'encap'],
  ['replace of nothing', hop('replace', via), MISSING, 'id'],
  ['replace of 0', hop('replace', { id: 0, ...via }), RANGE, 'id'],
  ['batch: replace of nothing', batch((b) => b.nexthop('replace', via)), MISSING, 'id'],
  ['filter of a misspelt key', (ipr) => ipr.getNexthops({ grops: true }), UNKNOWN, 'grops'],
  ['filter by no groups', (ipr) => ipr.getNexthops({ groups: false }), INVALID, 'groups'],
  ['filter by the ports of 0', (ipr) => ipr.getNexthops({ master: 0 }), INVALID, 'master'],
  ['filter by a family that is none', (ipr) => ipr.getNexthops({ family: 'ipv4' }), INVALID, 'family'],
  ['stream of a misspelt key', (ipr) => ipr.nexthops({ grops: true }), UNKNOWN, 'grops'],
  ['bucket: verb', bucket('add', { id: 1 }), INVALID, 'command'],
  ['bucket of nothing', bucket('get', {}), MISSING, 'id'],
  ['bucket without a number', bucket('get', { id: 1 }), MISSING, 'index'],
  ['bucket 65,536', bucket('get', { id: 1, index: 65536 }), RANGE, 'index'],
  ['bucket with more', bucket('get', { id: 1, index: 1, nhId: 3 }), UNKNOWN, 'nhId'],
  ['buckets of next hop 0', (ipr) => ipr.getNexthopBuckets({ nhId: 0 }), RANGE, 'nhId'],
  ['buckets by undefined', (ipr) => ipr.getNexthopBuckets({ id: undefined }), UNDEFINED, 'id'],
];

/** What must never reach the kernel, because less is said than is meant. */
export const dangerousNexthops: Case[] = [
  ['del of nothing', hop('del', {}), MISSING, 'id'],
  ['del without an argument', hop('del'), MISSING, 'id'],
  ['del of an undefined id', hop('del', { id: undefined }), UNDEFINED, 'id'],
  ['del of 0', hop('del', { id: 0 }), RANGE, 'id'],
  ['del of null', hop('del', { id: null }), INVALID, 'id'],
  ['del by an interface', hop('del', { dev: 'lo' }), MISSING, 'id'],
  ['del by a gateway', hop('del', { id: 1, gateway: '10.0.0.2' }), UNKNOWN, 'gateway'],
  ['del in a batch', batch((b) => b.nexthop('del', {})), MISSING, 'id'],
  ['replace of an undefined id', hop('replace', { id: undefined, ...via }), MISSING, 'id'],
  ['get of nothing', hop('get', {}), MISSING, 'id'],
  ['get of an undefined id', hop('get', { id: undefined }), UNDEFINED, 'id'],
  ['flush of nothing', (ipr) => ipr.flushNexthops(), MISSING, 'filter'],
  ['flush by no key', (ipr) => ipr.flushNexthops({}), MISSING, 'filter'],
  ['flush by undefined', (ipr) => ipr.flushNexthops({ dev: undefined }), UNDEFINED, 'dev'],
  ['flush of all and more', (ipr) => ipr.flushNexthops({ all: true, dev: 'lo' }), CONFLICT, 'all'],
  ['flush of not all', (ipr) => ipr.flushNexthops({ all: false }), CONFLICT, 'all'],
  ['flush by a misspelt key', (ipr) => ipr.flushNexthops({ protcol: 'bgp' }), UNKNOWN, 'protcol'],
  ['flush by the ports of 0', (ipr) => ipr.flushNexthops({ master: 0 }), INVALID, 'master'],
];
