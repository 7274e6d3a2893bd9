/** Prints events as they arrive, like `ip monitor`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AF, type IPRoute, type Monitor, type MonitorEvent } from 'tsroute2';
import { dim, line } from './print.js';
import { kindOf, nameAt } from './rows.js';

/** Events that come within this time belong together. */
const QUIET_MS = 40;
const SETTLE_MS = 1000;

export class Events {
  readonly #monitor: Monitor;
  readonly #known = new Map<number, string>();
  readonly #loop: Promise<void>;
  #last = 0;
  /** New routes seen, and datagrams lost. */
  routes = 0;
  lost = 0;
  /** Whether to count only. */
  silent = false;

  constructor(ipr: IPRoute) {
    this.#monitor = ipr.monitor({ groups: ['link', 'ipv4-ifaddr', 'ipv4-route', 'ipv6-ifaddr'] });
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    for await (const event of this.#monitor) {
      this.#last = performance.now();
      if (event.type === 'overrun') this.lost += event.dropped;
      else if (event.type === 'message' && event.op === 'RTM_NEWROUTE') this.routes++;
      const text = this.#text(event);
      if (!this.silent) line(dim(`    event  ${text}`));
    }
  }

  /** One line for an event. The `op` says which message `value` is. */
  #text(event: MonitorEvent): string {
    if (event.type === 'overrun') return `${event.dropped} datagrams lost`;
    if (event.type !== 'message') return `message of type ${event.header.type}`;
    const op = event.op.padEnd(12);
    switch (event.op) {
      case 'RTM_NEWLINK':
      case 'RTM_DELLINK': {
        const { index, family, ifname = '?', state, mtu, master } = event.value;
        this.#known.set(index, ifname);
        const of = master === undefined ? '' : ` master ${nameAt(this.#known, master)}`;
        // A bridge tells of its ports in messages of its own.
        const what = family === AF.bridge ? 'as a port' : kindOf(event.value);
        return `${op}  ${ifname} ${[what, state].filter(Boolean).join(' ')} mtu ${mtu}${of}`;
      }
      case 'RTM_NEWADDR':
      case 'RTM_DELADDR': {
        const { address, local, prefixlen, index } = event.value;
        return `${op}  ${local ?? address}/${prefixlen} dev ${nameAt(this.#known, index)}`;
      }
      case 'RTM_NEWROUTE':
      case 'RTM_DELROUTE': {
        const { dst, gateway, oif, multipath } = event.value;
        const via = gateway === undefined ? '' : ` via ${gateway}`;
        const dev = oif === undefined ? '' : ` dev ${nameAt(this.#known, oif)}`;
        return `${op}  ${dst}${via}${dev}${multipath === undefined ? '' : ` by ${multipath.length} next hops`}`;
      }
      default:
        return op;
    }
  }

  /** Waits until nothing has come for a moment, so that events stand below what caused them. */
  async settle(): Promise<void> {
    const start = performance.now();
    do await sleep(QUIET_MS);
    while (performance.now() - this.#last < QUIET_MS && performance.now() - start < SETTLE_MS);
  }

  async close(): Promise<void> {
    this.#monitor.close();
    await this.#loop;
  }
}
