/** What the daemon has to know to keep its route: the link, and the routes to the destination, whatever is lost. */
import {
  IFF,
  type IPRoute,
  type LinkRow,
  type MonitorEvent,
  NLM_F_REPLACE,
  type Resync,
  type RouteRow,
  type RowChange,
  RTN,
  RTPROT,
  resync,
} from 'tsroute2';

/** The route, in the kernel's words. */
export interface Wanted {
  family: 'inet' | 'inet6';
  dst: string;
  dev: string;
  gateway: string | undefined;
  table: number;
}

/** `good`: the link is up; the route is as it is to be. */
export interface Row {
  key: string;
  index: number;
  good: boolean;
}

/** `lost` is told of events that were lost; the table is read again by itself. */
export function picture(
  ipr: IPRoute,
  { family, dst, dev, gateway, table }: Wanted,
  { rcvbuf, signal, lost }: { rcvbuf: number | undefined; signal: AbortSignal; lost(count: number): void },
): Resync<Row, MonitorEvent> {
  const isHere = (route: RouteRow) => route.dst === dst && route.table === table;
  const linkRow = ({ index, flags }: LinkRow): Row => ({ key: 'link', index, good: (flags & IFF.UP) !== 0 });
  const routeRow = (route: RouteRow): Row => ({
    key: JSON.stringify([route.gateway, route.oif, route.multipath, route.type, route.protocol, route.priority]),
    index: route.oif ?? 0,
    good: route.gateway === gateway && route.type === RTN.unicast && route.protocol === RTPROT.static,
  });

  async function read(): Promise<Row[]> {
    // Links first: reading them waits until the kernel has done what it told of one, and their routes are gone.
    const links = await ipr.getLinks({ ifname: dev }, { signal });
    const routes = await ipr.getRoutes({ family, table }, { signal });
    return [...links.map(linkRow), ...routes.filter(isHere).map(routeRow)];
  }

  /** What an event means. `again`: routes of IPv4 go without a word, and of a replacement nobody says what it replaced. */
  function change(event: MonitorEvent, rows: ReadonlyMap<string, Row>): RowChange<Row> | undefined {
    if (event.type !== 'message') return { again: true };
    const index = rows.get('link')?.index;
    switch (event.op) {
      case 'RTM_NEWLINK': {
        const row = linkRow(event.value);
        if (event.value.ifname === dev) return { set: row, again: !row.good };
        return row.index === index ? { drop: ['link'] } : undefined; // it has another name now
      }
      case 'RTM_DELLINK':
        return event.value.index === index ? { drop: ['link'], again: true } : undefined;
      case 'RTM_DELADDR':
        return event.value.index === index ? { again: true } : undefined;
      case 'RTM_NEWROUTE':
        if (!isHere(event.value)) return undefined;
        return { set: routeRow(event.value), again: (event.header.flags & NLM_F_REPLACE) !== 0 };
      case 'RTM_DELROUTE':
        return isHere(event.value) ? { drop: [routeRow(event.value).key] } : undefined;
    }
    return undefined;
  }

  // The kernel queues only what may matter.
  const op = ['RTM_NEWLINK', 'RTM_DELLINK', 'RTM_DELADDR', 'RTM_NEWROUTE', 'RTM_DELROUTE'] as const;
  const ip = family === 'inet' ? 'ipv4' : 'ipv6';
  const groups = ['link', `${ip}-ifaddr`, `${ip}-route`] as const;
  const monitor = ipr.monitor({ groups, filter: { op, family: ['unspec', family] }, rcvbuf, signal });
  const events = {
    async next() {
      const event = await monitor.next();
      if (event.value?.type === 'overrun') lost(event.value.dropped);
      return event;
    },
    close: () => monitor.close(),
  };
  return resync<Row, MonitorEvent>({ events, read, key: ({ key }) => key, change });
}
