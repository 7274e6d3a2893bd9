/** Which events of rtnetlink a monitor gets, told to the kernel: the `filter` of `ipr.monitor`. */
import { InputError, show, unknownKey, within } from '../codec/errors.js';
import { integer, wordOrNumber } from '../codec/struct.js';
import { isRec } from '../codec/write.js';
import * as bpf from '../netlink/bpf.js';
import { AF, RT_TABLE, RTM } from '../rtnl/constants.js';
import { rtTables } from './name-files.js';

type OneOrMore<T> = T | readonly T[];

/** What an event must have to be queued at all: everything that is given. An event without such a thing is left out. */
export interface MonitorFilter {
  /** Kernel's names of messages, such as `'RTM_NEWROUTE'`. */
  op?: OneOrMore<keyof typeof RTM> | undefined;
  /** Address family: of links 0 (`'unspec'`), or 7 (`'bridge'`) where they are ports of a bridge, or 10 in `ipv6-ifinfo`. */
  family?: OneOrMore<number | keyof typeof AF> | undefined;
  /** Routing table, by number or name: of routes and rules. */
  table?: OneOrMore<number | keyof typeof RT_TABLE | (string & {})> | undefined;
  /** Index of the interface: of a route its `oif`, so that one of several next hops has none. */
  index?: OneOrMore<number> | undefined;
}

const KEYS = ['op', 'family', 'table', 'index'] as const;
const HEADER = 16;
const TYPE = 4;

// Kinds of message: the number of their first one.
const KIND_MASK = 0xfc;
const ROUTE = 24;
const RULE = 32;
const ADDRLABEL = 72;
const NETCONF = 80;
const NSID = 88;
const NEXTHOP = 104;

// Attributes, and where those of a message begin: behind struct rtmsg and struct fib_rule_hdr, nhmsg, netconfmsg.
const RTA_OIF = 4;
const RTA_TABLE = 15; // FRA_TABLE is the same
const NHA_OIF = 5;
const NETCONFA_IFINDEX = 1;
const OF_TABLE = HEADER + 4;
const OF_ROUTE = HEADER + 12;
const OF_NEXTHOP = HEADER + 8;
const OF_NETCONF = HEADER + 4;

/** Goes on when A is one of `values`. */
const among = (values: readonly number[]) => bpf.either(values, [], bpf.drop());
const attribute = (type: number, from: number) => bpf.attributeAt(type, from, bpf.drop());

const TESTS: Readonly<Record<(typeof KEYS)[number], (values: readonly number[]) => bpf.Instruction[]>> = {
  op: (values) => [...bpf.lowByteAt(TYPE), ...among(values)],
  family: (values) => [...bpf.byteAt(HEADER), ...among(values)],
  table: (values) => [
    ...bpf.lowByteAt(TYPE, KIND_MASK),
    ...among([ROUTE, RULE]),
    // Routes of labels have it in their header only.
    ...bpf.attributeAt(RTA_TABLE, OF_ROUTE, bpf.byteAsWordAt(OF_TABLE)),
    ...among(values.map(bpf.word)),
  ],
  index: (values) => [
    ...bpf.lowByteAt(TYPE, KIND_MASK),
    ...bpf.either([RULE, ADDRLABEL, NSID], bpf.drop(), []),
    ...bpf.either(
      [ROUTE],
      attribute(RTA_OIF, OF_ROUTE),
      bpf.either(
        [NEXTHOP],
        attribute(NHA_OIF, OF_NEXTHOP),
        // All others have it as the second word of their header.
        bpf.either([NETCONF], attribute(NETCONFA_IFINDEX, OF_NETCONF), bpf.wordAt(HEADER + 4)),
      ),
    ),
    ...among(values.map(bpf.word)),
  ],
};

const NUMBERS: Readonly<Record<(typeof KEYS)[number], (value: unknown) => number>> = {
  op(value) {
    if (typeof value !== 'string') throw new InputError('ERR_INVALID_VALUE', '', `expected a name, got ${show(value)}`);
    return integer(wordOrNumber(value, RTM), 0, 0xff);
  },
  family: (value) => integer(wordOrNumber(value, AF, false), 0, 0xff),
  table(value) {
    // Words of the kernel's own first, so that no file is read for them.
    const named = typeof value === 'string' && !Object.hasOwn(RT_TABLE, value) ? rtTables.number(value) : undefined;
    return integer(named ?? wordOrNumber(value, RT_TABLE, false), 0, 0xffffffff);
  },
  index: (value) => integer(value, 1, 0x7fffffff),
};

/** The program for a filter; undefined when it asks for nothing. Throws InputError. */
export function eventProgram(filter: MonitorFilter | undefined): Uint8Array | undefined {
  if (filter === undefined) return undefined;
  if (!isRec(filter))
    throw new InputError('ERR_INVALID_VALUE', 'filter', `expected a plain object, got ${show(filter)}`);
  const tests: bpf.Instruction[] = [];
  within('filter', () => {
    for (const [key, value] of Object.entries(filter)) {
      const known = KEYS.find((k) => k === key);
      if (known === undefined) throw unknownKey(key, KEYS);
      if (value === undefined)
        throw new InputError('ERR_UNDEFINED_SELECTOR', key, 'is undefined; leave the key out to mean any');
      // A copy, in which what an array leaves out is undefined.
      const list: readonly unknown[] = Array.isArray(value) ? Array.from(value) : [value];
      if (list.length === 0 || list.length > bpf.MOST_CHOICES)
        throw new InputError('ERR_INVALID_VALUE', key, `takes 1 to ${bpf.MOST_CHOICES} values`);
      tests.push(...TESTS[known](list.map((item) => within(key, () => NUMBERS[known](item)))));
    }
  });
  return tests.length === 0 ? undefined : bpf.assemble([...tests, ...bpf.pass()]);
}
