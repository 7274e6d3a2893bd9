/** The kinds of cycles, and how often each has its turn. */
import type { Arena } from './arena.js';
import * as sockets from './cycles.js';
import * as others from './cycles-others.js';

export interface Kind {
  name: string;
  /** Of all weights together, the part of the cycles that are of this kind. */
  weight: number;
  run(arena: Arena): Promise<void>;
}

const kind = (name: string, weight: number, run: (arena: Arena) => Promise<void>): Kind => ({ name, weight, run });

const KINDS: readonly Kind[] = [
  kind('open, list, close', 24, sockets.open),
  kind('in a namespace', 16, sockets.inside),
  kind('in a namespace by descriptor', 8, sockets.byDescriptor),
  kind('refused requests', 10, sockets.refused),
  kind('sockets that do not open', 6, sockets.unopened),
  kind('lists aborted midway', 6, sockets.aborted),
  kind('streams left midway', 6, sockets.left),
  kind('views and columns', 4, sockets.modes),
  kind('batches', 6, sockets.batched),
  kind('closed with requests pending', 6, sockets.pending),
  kind('monitors', 10, sockets.monitored),
  kind('overruns', 4, sockets.overrun),
  kind('resync', 5, sockets.followed),
  kind('cache thread', 6, sockets.cached),
  kind('offload', 6, sockets.offloaded),
  kind('proxies', 6, sockets.proxied),
  kind('raw socket', 6, sockets.raw),
  kind('forgotten', 4, sockets.forgotten),
  kind('generic netlink', 5, others.generic),
  kind('namespaces made and removed', 3, others.namespaces),
  kind('programs in a namespace', 1, others.program),
  kind('tun devices', 1, others.tun),
];

/** Those that can run here, and have these words in their name. */
export function kinds({ tun }: Arena, words: string): Kind[] {
  const list = KINDS.filter(({ name, run }) => (tun || run !== others.tun) && name.includes(words));
  if (list.length > 0) return list;
  throw new Error(`no kind has ${words} in its name: ${KINDS.map(({ name }) => name).join(', ')}`);
}

/** One of them, by weight. */
export function choose(list: readonly Kind[], below: (n: number) => number): Kind {
  let at = below(list.reduce((sum, { weight }) => sum + weight, 0));
  for (const one of list) {
    at -= one.weight;
    if (at < 0) return one;
  }
  return list[0]!;
}
