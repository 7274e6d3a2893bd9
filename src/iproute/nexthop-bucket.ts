/** Buckets of resilient groups of next hops: `ip nexthop bucket` (Linux 5.13). */
import { InputError, show, within } from '../codec/errors.js';
import { integer } from '../codec/struct.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import { RTM } from '../rtnl/constants.js';
import { type Nexthop, nhmsg } from '../rtnl/nhmsg.js';
import { asGiven, wordsIn } from './as-given.js';
import { RouteSocket } from './base.js';
import { dumpArray, dumpStream, type TableRequest } from './dumps.js';
import { assertId, type NexthopRow } from './nexthop.js';
import { oneWord } from './one-word.js';
import { assertDefined, badCommand, matcher, type Predicate, type Where } from './select.js';

/** One bucket: of a group, by its number. */
export interface BucketSelector {
  /** Id of the group. */
  id: number;
  /** Number of the bucket, from 0. */
  index: number;
}

/** Which buckets to list: a predicate, or keys that must be equal. All but paths such as `'resBucket.index'` are checked by the kernel. */
export type BucketFilter =
  | Predicate<NexthopRow>
  | Where<
      Pick<Nexthop, 'flags'>,
      {
        /** Id of the group. */
        id?: number;
        /** Id of the next hop that a bucket leads to. */
        nhId?: number;
        /** Interface of the next hop: index or name. */
        oif?: number | string;
        /** Another word for `oif`. */
        dev?: number | string;
        /** Only those by ports of this link: index or name. */
        master?: number | string;
      }
    >;

/** The request of one bucket. */
export function bucketGetRequest(spec: BucketSelector): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'bucket', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const { id, index, ...rest } = spec as unknown as Rec;
  assertId(id);
  if (index === undefined) throw new InputError('ERR_MISSING_KEY', 'index', 'is needed: the number of the bucket');
  for (const key of Object.keys(rest))
    throw new InputError('ERR_UNKNOWN_KEY', key, 'a bucket is known by id and index alone');
  within('index', () => integer(index, 0, 0xffff));
  return {
    op: 'RTM_GETNEXTHOPBUCKET',
    type: RTM.RTM_GETNEXTHOPBUCKET,
    flags: 0,
    def: nhmsg,
    put: (w) => nhmsg.write(w, { id, resBucket: { index } }),
  };
}

/** The request of a list. */
export function bucketTable(filter: BucketFilter = {}): TableRequest<NexthopRow> {
  const ask: Rec = {};
  const match: Rec = {};
  if (typeof filter !== 'function') {
    assertDefined(filter);
    for (const [key, value] of Object.entries(oneWord(filter as Rec, 'dev', 'oif'))) {
      if (typeof value === 'function') {
        if (key === 'nhId') throw new InputError('ERR_INVALID_VALUE', key, 'is an id here, not a function');
        match[key] = value;
      } else if (key === 'id' || key === 'nhId') {
        assertId(value, key);
        if (key === 'id') ask.id = value;
        else ask.resBucket = { nhId: value };
      } else if (key === 'oif' || key === 'master') {
        // To the kernel 0 means any.
        if (value === 0) throw new InputError('ERR_INVALID_VALUE', key, 'is no link');
        ask[key] = value;
      } else match[key] = value;
    }
  }
  return {
    out: {
      op: 'RTM_GETNEXTHOPBUCKET',
      type: RTM.RTM_GETNEXTHOPBUCKET,
      flags: 0,
      def: nhmsg,
      put: (w) =>
        asGiven(
          () => wordsIn(filter, { dev: 'oif' }),
          () => nhmsg.write(w, ask),
        ),
    },
    def: nhmsg,
    row: RTM.RTM_NEWNEXTHOPBUCKET,
    wanted: typeof filter === 'function' ? filter : matcher(nhmsg, match),
  };
}

export abstract class NexthopBucketVerbs extends RouteSocket {
  /** One bucket of a resilient group. */
  nexthopBucket(cmd: 'get', spec: BucketSelector, options?: RequestOptions): Promise<NexthopRow>;
  /** The buckets of all resilient groups, or those that match. */
  nexthopBucket(cmd: 'dump' | 'show', filter?: BucketFilter, options?: DumpOptions): Promise<NexthopRow[]>;
  async nexthopBucket(
    cmd: 'get' | 'dump' | 'show',
    spec: BucketSelector | BucketFilter = {},
    options?: DumpOptions,
  ): Promise<NexthopRow | NexthopRow[]> {
    switch (cmd) {
      case 'get':
        return this.read(bucketGetRequest(spec as BucketSelector), nhmsg, options);
      case 'dump':
      case 'show':
        return this.getNexthopBuckets(spec as BucketFilter, options);
      default:
        throw badCommand(cmd, ['get', 'dump']);
    }
  }

  /** The buckets of all resilient groups, or those that match. */
  async getNexthopBuckets(filter?: BucketFilter, options?: DumpOptions): Promise<NexthopRow[]> {
    return dumpArray(this, bucketTable(filter), options);
  }

  /** The same as a stream. */
  nexthopBuckets(filter?: BucketFilter, options?: DumpOptions): DumpStream<NexthopRow> {
    return dumpStream(this, 'RTM_GETNEXTHOPBUCKET', () => bucketTable(filter), options);
  }
}
