/** Generic netlink: what compiles, and what must not. */
import {
  attr,
  ctrlmsg,
  defineFamily,
  type GenericNetlink,
  type GenlFamily,
  genlEvent,
  genlGet,
  genlMessage,
  genlmsg,
  genlSet,
  type In,
  type MPTCP,
  type MptcpEndpoint,
  mptcp_pm,
  nlctrl,
  type Out,
  u32,
} from 'tsroute2';

declare const genl: GenericNetlink;
declare const mptcp: MPTCP;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

// A family of a program's own, in one place.
const table = { index: attr(1, u32), weight: attr(2, u32) } as const;
interface Thing extends Out<typeof table> {}
interface ThingIn extends In<typeof table> {}
const thing = genlMessage<Thing, ThingIn>({ name: 'thing', prefix: 'THING_A', table });
const things = defineFamily({
  name: 'things',
  version: 1,
  ops: {
    THING_CMD_GET: genlGet(1, thing),
    THING_CMD_LIST: genlGet(2, thing, 'dump'),
    THING_CMD_ONE: genlGet(3, thing, 'do'),
    THING_CMD_NEW: genlSet(4, thing),
  },
  events: { THING_CMD_NEW_NTF: genlEvent(5, thing), THING_CMD_DEL_NTF: genlEvent(6, thing) },
  groups: ['things', 'more'],
});

export async function good(): Promise<void> {
  const families: GenlFamily[] = await genl.families();
  const one: GenlFamily = await genl.getFamily('wireguard', { fresh: true, timeout: 5 });
  await genl.getFamily(families[0]?.familyId ?? one.familyId);
  const row = await genl.request(things, 'THING_CMD_GET', { index: 1 });
  is<Equal<typeof row.weight, number | undefined>>();
  const { object, warnings } = await genl.request(things, 'THING_CMD_NEW', { weight: 3 });
  is<Equal<typeof warnings, string[]>>();
  is<Equal<NonNullable<typeof object>['index'], number | undefined>>();
  const rows = await genl.dump(things, 'THING_CMD_LIST', {}, { onInterrupted: 'partial' });
  rows.map(({ index }) => index);
  for await (const item of genl.stream(things, 'THING_CMD_GET')) item.index?.toFixed();
  for await (const event of await genl.monitor({ family: things, groups: ['things'] })) {
    if (event.type === 'message') {
      is<Equal<typeof event.op, 'THING_CMD_NEW_NTF' | 'THING_CMD_DEL_NTF'>>();
      event.value.weight?.toFixed();
    } else if (event.type === 'overrun') event.dropped.toFixed();
  }
  for await (const event of await genl.monitor({ family: 'nlctrl', groups: ['notify', 'any'] }))
    if (event.type === 'raw') event.data.length.toFixed();
  for await (const event of await genl.monitor({ family: nlctrl, groups: ['notify'] }))
    if (event.type === 'message' && event.op === 'CTRL_CMD_NEWFAMILY') event.value.familyName?.trim();
  const policy = await genl.policy(things, 'THING_CMD_NEW');
  policy.THING_CMD_NEW?.do?.index?.max?.toString();
  (await genl.policy('ethtool', 2))['2']?.dump?.['1']?.nested?.['3']?.mask?.toString();
  class mymsg extends genlmsg<Thing & { cmd: number; version: number }>({ name: 'm', prefix: 'M', table }) {}
  const { familyId } = await genl.bind('things', mymsg, { groups: ['things'] });
  genl.put(new mymsg({ cmd: 1, version: 1 }), familyId);
  genl.bind({ groups: [5] }).fileno();
  await genl.join(things, 'things', 'more');
  new ctrlmsg({ cmd: 3, familyName: 'x' }).encode().buf.at(0);

  await mptcp.endpoint('add', { address: '10.0.0.1', flags: ['subflow', 'backup'], dev: 'eth0' });
  await mptcp.endpoint('set', { id: 1, flags: 0 });
  const endpoints: MptcpEndpoint[] = await mptcp.endpoint('show', { family: 2, port: (port) => port !== 0 });
  await mptcp.endpoint('add', endpoints[0]!);
  const { subflows } = await mptcp.limits('get');
  await mptcp.limits('set', { subflows: subflows + 1 });
  for await (const event of await mptcp.events())
    if (event.type === 'message' && event.op === 'MPTCP_EVENT_CLOSED') event.value.token?.toFixed();
}

export async function bad(): Promise<void> {
  // @ts-expect-error: no such command
  await genl.request(things, 'THING_CMD_GTE', {});
  // @ts-expect-error: it only lists
  await genl.request(things, 'THING_CMD_LIST', {});
  // @ts-expect-error: it does not list
  await genl.dump(things, 'THING_CMD_ONE', {});
  // @ts-expect-error: it changes something
  genl.stream(things, 'THING_CMD_NEW', {});
  // @ts-expect-error: no such attribute
  await genl.request(things, 'THING_CMD_GET', { indx: 1 });
  // @ts-expect-error: not a number
  await genl.request(things, 'THING_CMD_GET', { index: '1' });
  // @ts-expect-error: a name is not a declaration
  await genl.request('things', 'THING_CMD_GET', {});
  // @ts-expect-error: a read gives the object itself
  (await genl.request(things, 'THING_CMD_GET', {})).warnings;
  // @ts-expect-error: a change gives its result
  (await genl.request(things, 'THING_CMD_NEW', {})).index;
  // @ts-expect-error: no such group
  await genl.monitor({ family: things, groups: ['thing'] });
  // @ts-expect-error: groups are needed
  await genl.monitor({ family: things });
  // @ts-expect-error: no such group
  await genl.join(mptcp_pm, 'events');
  // @ts-expect-error: no such option
  await genl.getFamily('x', { refresh: true });
  // @ts-expect-error: no such command
  await genl.policy(things, 'THING_CMD');
  // @ts-expect-error: a message class is needed
  await genl.bind('things');
  // @ts-expect-error: an address is needed
  await mptcp.endpoint('add', { id: 1 });
  // @ts-expect-error: an id is needed
  await mptcp.endpoint('del', { address: '10.0.0.1' });
  // @ts-expect-error: flags are needed
  await mptcp.endpoint('set', { id: 1 });
  // @ts-expect-error: no such flag
  await mptcp.endpoint('add', { address: '10.0.0.1', flags: ['backups'] });
  // @ts-expect-error: everything must be said
  await mptcp.endpoint('flush', {});
  // @ts-expect-error: no such key
  await mptcp.endpoint('show', { addr: '10.0.0.1' });
  // @ts-expect-error: no such limit
  await mptcp.limits('set', { addAddrAccepted: 1 });
  // @ts-expect-error: a token is needed
  await mptcp.remove({ id: 1 });
  // @ts-expect-error: events have no groups of their own
  await mptcp.events({ groups: ['x'] });
  // @ts-expect-error: a version is needed
  defineFamily({ name: 'x', ops: {} });
  // @ts-expect-error: no such way to ask
  genlGet(1, thing, 'doit');
}
