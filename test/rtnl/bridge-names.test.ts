/** Every key of next hops and of bridges' tables has the kernel's name and number, and none is absent. */
import t from 'tap';
import { Table } from '../../src/codec/table.js';
import type { AnyType } from '../../src/codec/type.js';
import { brvlandump, brvlanmsg } from '../../src/rtnl/brvlanmsg.js';
import * as C from '../../src/rtnl/constants.js';
import { mdbInfoTable } from '../../src/rtnl/mdb-entry.js';
import { mdbmsg, mdbset } from '../../src/rtnl/mdbmsg.js';
import { nhmsg } from '../../src/rtnl/nhmsg.js';
import { missing, numbers } from './headers.js';

/** Newer than headers that may be installed: numbers of the headers of Linux 7.2. */
const NEWER: Readonly<Record<string, number>> = {
  NHA_OP_FLAGS: 14,
  NHA_GROUP_STATS: 15,
  NHA_HW_STATS_ENABLE: 16,
  NHA_HW_STATS_USED: 17,
  NHA_DST_PORT: 18,
  NHA_GROUP_STATS_ENTRY_ID: 1,
  NHA_GROUP_STATS_ENTRY_PACKETS: 2,
  NHA_GROUP_STATS_ENTRY_PACKETS_HW: 3,
  NHA_OP_FLAG_DUMP_STATS: 1,
  NHA_OP_FLAG_DUMP_HW_STATS: 2,
  NHA_OP_FLAG_RESP_GRP_RESVD_0: 0x80000000,
  BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS: 7,
  BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS: 8,
  BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS: 9,
  BRIDGE_VLANDB_ENTRY_NEIGH_FORWARD_GRAT: 10,
  MDBA_MDB_EATTR_DST: 6,
  MDBA_MDB_EATTR_DST_PORT: 7,
  MDBA_MDB_EATTR_VNI: 8,
  MDBA_MDB_EATTR_IFINDEX: 9,
  MDBA_MDB_EATTR_SRC_VNI: 10,
  MDBE_ATTR_SRC_LIST: 2,
  MDBE_ATTR_GROUP_MODE: 3,
  MDBE_ATTR_RTPROT: 4,
  MDBE_ATTR_DST: 5,
  MDBE_ATTR_DST_PORT: 6,
  MDBE_ATTR_VNI: 7,
  MDBE_ATTR_IFINDEX: 8,
  MDBE_ATTR_SRC_VNI: 9,
  MDBE_ATTR_STATE_MASK: 10,
  MDBE_SRCATTR_ADDRESS: 1,
  MDB_FLAGS_OFFLOAD_FAILED: 16,
};
/** Names with a prefix that also begins others: padding, and nests whose own attributes are elsewhere. */
const ELSEWHERE = /_(UNSPEC|PAD|MAX)$/;

const known = missing ? new Map<string, number>() : numbers('nexthop.h', 'if_bridge.h');
for (const [name, number] of Object.entries(NEWER)) if (!known.has(name)) known.set(name, number);

function* tablesOf(table: Table, seen = new Set<AnyType>()): Iterable<Table> {
  yield table;
  for (const { type } of table.compiled.byKey.values()) yield* tablesIn(type, seen);
}
function* tablesIn(type: AnyType, seen: Set<AnyType>): Iterable<Table> {
  if (seen.has(type)) return;
  seen.add(type);
  const { nest, inner } = type.aux;
  if (nest instanceof Table) yield* tablesOf(nest, seen);
  if (inner !== undefined) yield* tablesIn(inner, seen);
}

const seen = new Set<AnyType>();
const tables = [nhmsg.table, brvlanmsg.table, brvlandump.table, mdbmsg.table, mdbset.table, mdbInfoTable].flatMap(
  (table) => [...tablesOf(table, seen)],
);

t.test('keys have the name and the number of the kernel', { skip: missing }, async (t) => {
  const wrong: string[] = [];
  let count = 0;
  for (const table of tables) {
    for (const [key, { id }] of table.compiled.byKey) {
      const name = table.nameOf(key);
      if (key === 'pad') continue;
      count++;
      if (known.get(name) !== id) wrong.push(`${name} = ${id}, not ${known.get(name)}`);
      if (table.keyOf(name) !== key) wrong.push(`${name} does not lead to ${key}`);
    }
  }
  t.same(wrong, []);
  t.ok(count > 90, `${count} attributes`);
});

t.test('nothing is absent', { skip: missing }, async (t) => {
  const prefixes: [string, RegExp?][] = [
    ['NHA_', /^NHA_(GROUP_STATS_|OP_FLAG_|MAX|RES_(GROUP|BUCKET)_)/],
    ['NHA_RES_GROUP_'],
    ['NHA_RES_BUCKET_'],
    ['NHA_GROUP_STATS_ENTRY_'],
    ['BRIDGE_VLANDB_ENTRY_'],
    ['BRIDGE_VLANDB_GOPTS_'],
    ['BRIDGE_VLANDB_STATS_'],
    ['BRIDGE_VLANDB_TINFO_'],
    ['MDBA_MDB_EATTR_'],
    ['MDBE_ATTR_'],
    ['MDBA_ROUTER_PATTR_'],
  ];
  for (const [prefix, not] of prefixes) {
    const names = new Set(tables.flatMap((table) => [...table.compiled.byKey.keys()].map((key) => table.nameOf(key))));
    const absent = [...known.keys()].filter(
      (name) => name.startsWith(prefix) && !ELSEWHERE.test(name) && !not?.test(name) && !names.has(name),
    );
    t.same(absent, [], prefix);
  }
});

t.test('constants', { skip: missing }, async (t) => {
  const maps: [Readonly<Record<string, number>>, string][] = [
    [C.NHA_OP_FLAG, 'NHA_OP_FLAG_'],
    [C.BRIDGE_VLANDB_DUMPF, 'BRIDGE_VLANDB_DUMPF_'],
    [C.MDB_FLAGS, 'MDB_FLAGS_'],
  ];
  const wrong = maps.flatMap(([map, prefix]) =>
    Object.entries(map).flatMap(([word, value]) =>
      known.get(prefix + word.toUpperCase()) === value ? [] : [`${prefix}${word}`],
    ),
  );
  t.same(wrong, []);
  const { disabled, temp_query, permanent, temp } = C.MDB_RTR_TYPE;
  t.same(
    [disabled, temp_query, permanent, temp],
    ['DISABLED', 'TEMP_QUERY', 'PERM', 'TEMP'].map((word) => known.get(`MDB_RTR_TYPE_${word}`)),
  );
  t.same([C.MDB_STATE.temp, C.MDB_STATE.permanent], [known.get('MDB_TEMPORARY'), known.get('MDB_PERMANENT')]);
});
