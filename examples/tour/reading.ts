/** The first part: what this machine has. Nothing is changed. */
import { IPRoute, RT_TABLE } from 'tsroute2';
import { heading, line, say, since } from './print.js';
import { addrTable, linkTable, namesOf, routeTable } from './rows.js';

export async function reading(): Promise<void> {
  const ipr = new IPRoute();
  try {
    const start = performance.now();
    // Each dump has a socket of its own, so the three run side by side.
    const [links, addrs, routes] = await Promise.all([
      ipr.getLinks(),
      ipr.getAddr(),
      ipr.getRoutes({ table: RT_TABLE.main }),
    ]);
    const took = since(start);
    const known = namesOf(links);
    heading('Links of this machine');
    linkTable(links);
    heading('Addresses');
    addrTable(addrs, known);
    heading('Routes of the main table');
    routeTable(routes, known);
    line();
    say(`Read in ${took}: ${links.length} links, ${addrs.length} addresses, ${routes.length} routes.`);
  } finally {
    await ipr.close();
  }
}
