/** The fake kernel and resync: what compiles, and what must not. */
import {
  type IPRoute,
  type LinkRow,
  type NexthopRow,
  type Resynced,
  type ResyncSource,
  resync,
  resyncTable,
} from 'tsroute2';
import { FakeKernel } from 'tsroute2/testing';

declare const ipr: IPRoute;
declare const source: ResyncSource<{ id: number }, string>;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

export async function good(): Promise<void> {
  const kernel = new FakeKernel({ dumpBytes: 100, chaos: { seed: 4, rate: 0.5, kinds: ['lost', 'delay'] } });
  kernel.fault({ kind: 'alter', alter: (message) => void message.fill(0, 16), type: 16, after: 1, times: 2 });
  kernel.fault({ kind: 'lost' });
  kernel.fault({ kind: 'lost', datagram: 2 });
  const fd: number = kernel.addNetns('blue');
  kernel.aliasNetns(fd + 1, 'blue');
  for await (const change of resyncTable(ipr, 'link')) is<Equal<typeof change, Resynced<LinkRow>>>();
  for await (const change of resyncTable(ipr, 'nexthop', { where: ({ id = 0 }) => id > 7 }))
    if (change.type === 'changed') is<Equal<typeof change.before, NexthopRow>>();
  for await (const change of resync(source)) is<Equal<typeof change, Resynced<{ id: number }>>>();
}

export function bad(): void {
  // @ts-expect-error dumps are counted in bytes
  new FakeKernel({ dumpBytes: 'many' });
  // @ts-expect-error chaos has a seed
  new FakeKernel({ chaos: { rate: 1 } });
  // @ts-expect-error nothing can be altered by chance
  new FakeKernel({ chaos: { seed: 1, kinds: ['alter'] } });
  const kernel = new FakeKernel();
  // @ts-expect-error an error has a number
  kernel.fault({ kind: 'error' });
  // @ts-expect-error a kind of fault that is none
  kernel.fault({ kind: 'flood' });
  // @ts-expect-error splitting takes no time
  kernel.fault({ kind: 'split', ms: 5 });
  // @ts-expect-error a table that is none
  resyncTable(ipr, 'links');
  // @ts-expect-error families have names here
  resyncTable(ipr, 'addr', { family: 2 });
  // @ts-expect-error a source needs keys
  resync({ events: source.events, read: source.read, change: source.change });
}
