/** Next hops and their buckets: what compiles, and what must not. */
import type { IPRoute, MonitorEvent, NexthopRow } from 'tsroute2';

declare const ipr: IPRoute;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

export async function good(event: MonitorEvent): Promise<void> {
  const { object } = await ipr.nexthop('add', { gateway: '10.0.0.2', dev: 'eth0', flags: ['onlink'], proto: 'bgp' });
  is<Equal<typeof object, NexthopRow | undefined>>();
  await ipr.nexthop('add', { id: 3, group: [1, { id: 2, weight: 300 }], resGroup: { buckets: 8, idleTimer: 500 } });
  await ipr.nexthop('replace', { id: 3, group: [1], groupType: 'resilient' });
  await ipr.nexthop('add', { id: 4, blackhole: true, family: 'inet6' });
  await ipr.nexthop('add', { id: 5, gateway: '10.9.9.9', fdb: true });
  await ipr.nexthop('del', { id: 3 });
  const row: NexthopRow = await ipr.nexthop('get', { id: 3, opFlags: ['dump_stats'] });
  const weight: number | undefined = row.group?.[0]?.weight;
  await ipr.getNexthops({ groups: true, dev: 'eth0', groupType: 'resilient' });
  for await (const hop of ipr.nexthops({ fdb: true })) is<Equal<typeof hop, NexthopRow>>();
  const count: number = await ipr.flushNexthops({ protocol: 'bgp' });
  const bucket = await ipr.nexthopBucket('get', { id: 3, index: 0 });
  const leads: number | undefined = bucket.resBucket?.nhId;
  await ipr.getNexthopBuckets({ id: 3, nhId: 1, dev: 'eth0' });
  ipr.batch().nexthop('add', { id: 1, dev: 'eth0' }).nexthop('del', { id: 1 });
  if (event.type === 'message' && event.op === 'RTM_DELNEXTHOP') {
    const id: number | undefined = event.value.id;
    void id;
  }
  void [weight, count, leads];
}

export async function bad(): Promise<void> {
  // @ts-expect-error no such verb
  await ipr.nexthop('set', { id: 1, dev: 'eth0' });
  // @ts-expect-error a next hop is known by its id alone
  await ipr.nexthop('del', { dev: 'eth0' });
  // @ts-expect-error nothing more
  await ipr.nexthop('del', { id: 1, gateway: '10.0.0.1' });
  // @ts-expect-error an undefined one is none
  await ipr.nexthop('get', { id: undefined });
  // @ts-expect-error no such key
  await ipr.nexthop('add', { gatway: '10.0.0.1' });
  // @ts-expect-error the kernel sets it
  await ipr.nexthop('add', { dev: 'eth0', scope: 'link' });
  // @ts-expect-error a filter of dumps
  await ipr.nexthop('add', { dev: 'eth0', groups: true });
  // @ts-expect-error members are ids
  await ipr.nexthop('add', { group: ['1'] });
  // @ts-expect-error no such key of a member
  await ipr.nexthop('add', { group: [{ id: 1, wait: 2 }] });
  // @ts-expect-error no such type
  await ipr.nexthop('add', { group: [1], groupType: 'resilent' });
  // @ts-expect-error no such key to filter by
  await ipr.getNexthops({ grops: true });
  // @ts-expect-error groups or all
  await ipr.getNexthops({ groups: false });
  // @ts-expect-error a flush needs to know what
  await ipr.flushNexthops();
  // @ts-expect-error a bucket has a number
  await ipr.nexthopBucket('get', { id: 3 });
  // @ts-expect-error buckets are not made
  await ipr.nexthopBucket('add', { id: 3, index: 0 });
  // @ts-expect-error a batch has no reads
  ipr.batch().nexthop('get', { id: 1 });
}
