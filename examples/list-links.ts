/** Lists links with their addresses, like `ip -brief address`. Reads only. */
import { IPRoute } from 'tsroute2';

const ipr = new IPRoute();
try {
  const [links, addrs] = await Promise.all([ipr.getLinks(), ipr.getAddr()]);
  for (const { index, ifname = '', state, linkinfo } of links) {
    const own = addrs.filter((a) => a.index === index).map((a) => `${a.local ?? a.address}/${a.prefixlen}`);
    console.log(ifname.padEnd(16), state.padEnd(5), (linkinfo?.kind ?? '-').padEnd(8), own.join(' '));
  }
} finally {
  await ipr.close();
}
