/** Namespaces: what compiles, and what must not. */
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { type IPRoute, type MonitorEvent, NetNS, type NsidRow, netns } from 'tsroute2';

declare const ipr: IPRoute;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

export async function good(event: MonitorEvent): Promise<void> {
  await netns.create('blue');
  await netns.attach('red', 1);
  await netns.remove('red');
  const names: string[] = netns.list();
  const there: boolean = netns.exists('blue');
  const pids: number[] = await netns.pids('blue');
  const found: string[] = await netns.identify(1);
  const text: string = await netns.sysctl('blue', 'net.ipv4.ip_forward');
  const set = netns.sysctl('blue', 'net.ipv4.ip_forward', true);
  is<Equal<typeof set, Promise<void>>>();
  for (const value of [1, 1n, false, '4096 5000 6000'] as const) await netns.sysctl('blue', 'net.ipv4.tcp_rmem', value);
  const piped = netns.spawn('blue', 'ping', ['-c1', '10.0.0.2']);
  is<Equal<typeof piped, ChildProcessWithoutNullStreams>>();
  const child: ChildProcess = netns.spawn('blue', 'sh', [], { stdio: 'inherit' });
  const ns: IPRoute = new NetNS('blue', { create: true, groups: ['link'], timeout: 1000 });
  await new NetNS('blue').remove();
  const row: NsidRow = await ipr.nsid('get', { netns: 'blue' });
  await ipr.nsid('get', { nsid: 1, targetNsid: 2 });
  await ipr.nsid('set', { pid: 1, nsid: 'auto' });
  await ipr.nsid('dump', { targetNsid: 1 });
  for await (const one of ipr.nsids()) is<Equal<typeof one, NsidRow>>();
  ipr.batch().nsid('set', { netns: 3, nsid: 7 });
  if (event.type === 'message' && event.op === 'RTM_DELNSID') {
    const number: number | undefined = event.value.nsid;
    void number;
  }
  void [names, there, pids, found, text, child, ns, row];
}

export async function bad(): Promise<void> {
  // @ts-expect-error a namespace has a name
  await netns.create();
  // @ts-expect-error of text
  await netns.remove(7);
  // @ts-expect-error an id is a number
  await netns.attach('red', '1');
  // @ts-expect-error nothing is not a value
  await netns.sysctl('blue', 'net.ipv4.ip_forward', undefined);
  // @ts-expect-error nor is a list
  await netns.sysctl('blue', 'net.ipv4.tcp_rmem', [1, 2, 3]);
  // @ts-expect-error arguments are a list
  netns.spawn('blue', 'ping', '-c1');
  // @ts-expect-error the name says which namespace
  new NetNS('blue', { netns: 'red' });
  // @ts-expect-error yes or no
  new NetNS('blue', { create: 1 });
  // @ts-expect-error which namespace?
  await ipr.nsid('get', {});
  // @ts-expect-error one or the other
  await ipr.nsid('get', { netns: 'blue', pid: 1 });
  // @ts-expect-error which number?
  await ipr.nsid('set', { netns: 'blue' });
  // @ts-expect-error the kernel has no such request
  await ipr.nsid('del', { nsid: 1 });
}
