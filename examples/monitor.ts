/**
 * Prints events until Ctrl-C, like `ip monitor`. With a number as its argument it ends after so many seconds.
 * Reads only.
 */
import { IPRoute } from 'tsroute2';

const seconds = Number(process.argv[2] ?? 0);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
if (seconds > 0) setTimeout(() => stop.abort(), seconds * 1000).unref();

const ipr = new IPRoute();
try {
  const groups = ['link', 'ipv4-ifaddr', 'ipv6-ifaddr', 'ipv4-route', 'ipv6-route'] as const;
  for await (const event of ipr.monitor({ groups, signal: stop.signal })) {
    if (event.type === 'overrun') console.log('lost', event.dropped, 'datagrams: read the tables again');
    else if (event.type === 'message') console.log(event.op, JSON.stringify(event.value));
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
} finally {
  await ipr.close();
}
