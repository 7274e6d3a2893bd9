/** Keys, commands and constants of generic netlink have the kernel's names and numbers. */
import t from 'tap';
import type { Table } from '../../src/codec/table.js';
import type { AnyType } from '../../src/codec/type.js';
import { GENL_ID_CTRL, GENL_OP, nlctrl } from '../../src/genl/ctrl.js';
import type { GenlFamilyDef } from '../../src/genl/family.js';
import { MPTCP_EV_FLAG, MPTCP_FLAG, mptcp_pm } from '../../src/genl/mptcp.js';
import { policyType } from '../../src/genl/policy-attrs.js';
import { missing, numbers } from '../rtnl/headers.js';

/** Newer than headers that may be installed: numbers of Linux 7.2. */
const NEWER: Readonly<Record<string, number>> = {
  MPTCP_EVENT_LISTENER_CREATED: 15,
  MPTCP_EVENT_LISTENER_CLOSED: 16,
  MPTCP_PM_ADDR_FLAG_LAMINAR: 32,
  MPTCP_PM_EV_FLAG_SERVER_SIDE: 2,
};

const known = missing ? new Map<string, number>() : numbers('netlink.h', 'genetlink.h', 'mptcp.h');
const numberOf = (name: string): number | undefined => known.get(name) ?? NEWER[name];

/** Every table that a type leads to. */
function* tablesIn(type: AnyType | undefined): Iterable<Table> {
  if (type?.aux.nest !== undefined) yield* tablesOf(type.aux.nest);
  if (type?.aux.inner !== undefined) yield* tablesIn(type.aux.inner);
  if (type?.aux.elements !== undefined) yield* tablesIn(type.aux.elements);
}
function* tablesOf(table: Table): Iterable<Table> {
  yield table;
  for (const { type } of table.compiled.byKey.values()) yield* tablesIn(type);
}

const families: GenlFamilyDef[] = [nlctrl, mptcp_pm];

t.test('attributes', { skip: missing }, async (t) => {
  const wrong: string[] = [];
  const seen = new Map<string, Set<number>>();
  const names = new Set<string>();
  const tables = new Set(
    families.flatMap(({ spec }) =>
      [
        ...Object.values(spec.ops).map(({ request }) => request),
        ...Object.values(spec.events ?? {}).map((e) => e.reply),
      ].flatMap(({ table }) => [...tablesOf(table)]),
    ),
  );
  for (const table of [...tables, ...tablesIn(policyType)]) {
    const ids = seen.get(table.prefix) ?? new Set();
    seen.set(table.prefix, ids);
    for (const [key, { id }] of table.compiled.byKey) {
      ids.add(id);
      const name = table.nameOf(key);
      names.add(name);
      if (numberOf(name) !== id) wrong.push(`${name} = ${id}, not ${numberOf(name)}`);
      if (table.keyOf(name) !== key) wrong.push(`${name} does not lead to ${key}`);
    }
  }
  t.same(wrong, []);
  // Prefixes that begin others: names of those are not theirs.
  const others = [...seen.keys()];
  for (const [prefix, ids] of seen) {
    const absent = [...known].filter(
      ([name, id]) =>
        name.startsWith(`${prefix}_`) &&
        !others.some((other) => other.length > prefix.length && name.startsWith(`${other}_`)) &&
        !/_(UNSPEC|MAX)$/.test(name) &&
        !names.has(name) &&
        !ids.has(id),
    );
    t.same(absent, [], `${prefix}: every attribute of the kernel has a key`);
  }
  t.same(others.sort(), [
    'CTRL_ATTR',
    'CTRL_ATTR_MCAST_GRP',
    'CTRL_ATTR_OP',
    'CTRL_ATTR_POLICY',
    'MPTCP_ATTR',
    'MPTCP_PM_ADDR_ATTR',
    'MPTCP_PM_ATTR',
    'NL_POLICY_TYPE_ATTR',
  ]);
});

t.test('commands', { skip: missing }, async (t) => {
  const wrong: string[] = [];
  for (const { spec } of families)
    for (const [name, { cmd }] of [...Object.entries(spec.ops), ...Object.entries(spec.events ?? {})])
      if (numberOf(name) !== cmd) wrong.push(`${name} = ${cmd}, not ${numberOf(name)}`);
  t.same(wrong, []);
  const named = new Set(families.flatMap(({ spec }) => [...Object.keys(spec.ops), ...Object.keys(spec.events ?? {})]));
  const absent = [...known.keys()].filter(
    (name) =>
      /^(MPTCP_PM_CMD|MPTCP_EVENT)_/.test(name) && !/_(UNSPEC|MAX|GRP_NAME|AFTER_LAST)$/.test(name) && !named.has(name),
  );
  t.same(absent, [], 'every command and every event');
});

t.test('constants', { skip: missing }, async (t) => {
  const wrong: string[] = [];
  for (const [map, prefix] of [
    [GENL_OP, 'GENL'],
    [MPTCP_FLAG, 'MPTCP_PM_ADDR_FLAG'],
    [MPTCP_EV_FLAG, 'MPTCP_PM_EV_FLAG'],
  ] as const) {
    for (const [word, value] of Object.entries(map)) {
      const name = `${prefix}_${word.toUpperCase()}`;
      // _BITUL(n) is not a form that headers are read in.
      const number = numberOf(name) ?? (name === 'MPTCP_PM_EV_FLAG_DENY_JOIN_ID0' ? 1 : undefined);
      if (number !== value) wrong.push(`${name} = ${value}, not ${number}`);
    }
  }
  t.equal(numberOf('GENL_ID_CTRL') ?? numberOf('NLMSG_MIN_TYPE'), GENL_ID_CTRL);
  t.same(wrong, []);
});
