/** Before anything is timed: a thousand routes, in all ways of reading, and all links say what `ip -j -d` says of them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { addressAt, IPRoute } from 'tsroute2';

const json = (...args) =>
  JSON.parse(execFileSync('ip', ['-j', '-d', ...args], { encoding: 'utf8', maxBuffer: 1 << 30 }));

const ipr = new IPRoute();
const names = new Map((await ipr.getLinks()).map(({ index, ifname }) => [index, ifname]));
const ip = json('-N', 'route', 'show', 'table', 'main');
const objects = await ipr.getRoutes({ family: 'inet', table: 'main' });
const streamed = [];
for await (const route of ipr.routes({ family: 'inet', table: 'main' })) streamed.push(route);
const views = [];
for await (const view of ipr.routeViews({ family: 'inet', table: 'main' })) views.push(view);
const columns = await ipr.getRouteColumns({ family: 'inet', table: 'main' });
const links = await ipr.getLinks();
await ipr.close();

assert.equal(objects.length, ip.length);
assert.deepEqual(streamed, objects);
assert.equal(views.length, objects.length);
/** Without the keys that are undefined. */
const plain = (o) => JSON.parse(JSON.stringify(o));
const step = Math.max(1, Math.floor(ip.length / 1000));
for (let i = 0; i < ip.length; i += step) {
  const route = objects[i];
  const host = route.dst.endsWith('/32') ? route.dst.slice(0, -3) : route.dst;
  const said = {
    dst: host,
    gateway: route.gateway,
    dev: names.get(route.oif),
    protocol: String(route.protocol),
    metric: route.priority,
    nexthops: route.multipath?.map((hop) => ({
      gateway: hop.gateway,
      dev: names.get(hop.ifindex),
      weight: hop.hops + 1,
    })),
  };
  const { dst, gateway, dev, protocol, metric, nexthops } = ip[i];
  const shown = { dst, gateway, dev, protocol: String(protocol), metric };
  const hops = nexthops?.map(({ gateway, dev, weight }) => ({ gateway, dev, weight }));
  assert.deepEqual(plain(said), plain({ ...shown, nexthops: hops }));
  assert.equal(`${addressAt(columns.data.dst, i, 2)}/${columns.data.dstLen[i]}`, route.dst);
  assert.equal(`${views[i].dst}/${views[i].dstLen}`, route.dst);
  assert.deepEqual([views[i].oif, views[i].gateway], [route.oif, route.gateway]);
  assert.equal(columns.data.oif[i], route.oif ?? 0);
  assert.equal(columns.data.priority[i], route.priority ?? 0);
}
const shownLinks = json('link');
assert.equal(links.length, shownLinks.length);
for (const [i, link] of links.entries()) {
  const shown = shownLinks[i];
  const said = {
    ifindex: link.index,
    ifname: link.ifname,
    mtu: link.mtu,
    qdisc: link.qdisc,
    operstate: link.operstate,
    linkmode: link.linkmode,
    txqlen: link.txqlen,
    address: link.address,
    broadcast: link.broadcast,
    link: names.get(link.link),
    promiscuity: link.promiscuity,
    min_mtu: link.minMtu,
    max_mtu: link.maxMtu,
    linkinfo: link.linkinfo?.kind && { info_kind: link.linkinfo.kind },
    inet6_addr_gen_mode: link.afSpec?.inet6?.addrGenMode,
    num_tx_queues: link.numTxQueues,
    num_rx_queues: link.numRxQueues,
    gso_max_size: link.gsoMaxSize,
    gso_max_segs: link.gsoMaxSegs,
  };
  assert.deepEqual(plain(said), plain(Object.fromEntries(Object.keys(said).map((key) => [key, shown[key]]))));
}

console.log(`${Math.ceil(ip.length / step)} routes and ${links.length} links agree`);
