/** Opens sockets until the process may not open any more; prints what was refused then, and what was left. */
import { readdirSync } from 'node:fs';
import { IPRoute, NetNS, netns } from 'tsroute2';

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code ?? String(error);
/** Without a descriptor to look with. */
const attempt = async (what: () => unknown): Promise<unknown> => {
  try {
    await what();
    return 'it was not refused';
  } catch (error) {
    return codeOf(error);
  }
};
const held = () => ({ fds: readdirSync('/proc/self/fd').length });

const name = `limit-${process.pid}`;
await netns.create(name);
// What the first use of everything opens for good.
const first = new IPRoute();
await first.getLinks();
await first.close();
const before = held();
const open: IPRoute[] = [];
let end: unknown;
while (end === undefined && open.length < 1000) {
  try {
    open.push(new IPRoute());
  } catch (error) {
    end = codeOf(error);
  }
}
const refused = [
  end,
  await attempt(() => new NetNS(name)),
  await attempt(() => open[0]!.getLinks()),
  await attempt(() => open[0]!.monitor({ groups: ['link'] })),
  await attempt(() => open[0]!.bind({ async: true })),
  await attempt(() => netns.create(`${name}-2`)),
];
const links = await Promise.all(open.map((ipr) => ipr.link('get', { dev: 'lo' })));
const opened = open.length;
await Promise.all(open.map((ipr) => ipr.close()));
const after = held();
const all = netns.list().filter((one) => one.startsWith(name));
await netns.remove(name);
if (all.length !== 1) throw new Error(`there are ${all}`);
console.log(JSON.stringify({ opened, refused, links: links.length, before, after }));
