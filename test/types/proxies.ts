/** Mixins, the paused reader, proxies: what compiles, and what must not. */
import { IPRoute, IPRouteMixin, IPRSocket, type NetlinkMessage, NetlinkMixin, NetlinkSocket } from 'tsroute2';

class Mine extends NetlinkSocket {
  static readonly origin = 'here';
  constructor(readonly label: string) {
    super(0);
  }
}
class Plain extends NetlinkMixin(Mine) {}
class Route extends IPRouteMixin(Plain) {}
class Direct extends IPRouteMixin(IPRSocket) {}

export async function good(): Promise<void> {
  const route = new Route('x');
  const label: string = route.label;
  const origin: string = Route.origin;
  const links = await route.getLinks({ kind: 'vlan' });
  const name: string | undefined = links[0]?.ifname;
  const raw: NetlinkMessage[] = await route.nlmRequest(new Uint8Array(16), 18);
  const data: Uint8Array = await route
    .bind({ groups: ['link'] })
    .pause()
    .recv({ timeout: 5 });
  const sent: number = await route.sendto(data);
  const fd: number = route.resume().fileno();
  await new Direct(0, { netns: 'blue' }).addr('add', { dev: 'd0', address: '192.0.2.1/24' });
  await new IPRoute().pause().recv();
  void [label, origin, name, raw, sent, fd];
}

export async function bad(route: Route): Promise<void> {
  // @ts-expect-error the label is needed
  new Route();
  // @ts-expect-error it is text
  new Plain(5);
  // @ts-expect-error verbs need a socket with raw messages
  IPRouteMixin(Mine);
  // @ts-expect-error a socket is needed
  NetlinkMixin(Date);
  // @ts-expect-error bytes
  await route.sendto('text');
  // @ts-expect-error a plain socket takes numbers
  new Plain('x').bind({ groups: ['link'] });
  // @ts-expect-error no such verb
  await route.linke('get', {});
  // @ts-expect-error no flags
  await route.recv(5);
}
