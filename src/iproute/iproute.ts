/** IPRoute: the verbs of all objects on one socket, batches, events. */
import { AddrVerbs } from './addr.js';
import { RouteSocket } from './base.js';
import { Batch } from './batch.js';
import { LinkVerbs } from './link.js';
import { checkMonitor, Monitor, type MonitorOptions } from './monitor.js';
import { NsidVerbs } from './nsid.js';
import { RouteVerbs } from './route.js';

/** One class an object; a row here and one in the list at the end. */
export interface IPRoute extends LinkVerbs, AddrVerbs, RouteVerbs, NsidVerbs {}

/** rtnetlink: this machine's links, addresses and routes, or those of a namespace. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: `adopt` gives the class what the interface promises
export class IPRoute extends RouteSocket {
  /** Collects changes to send them together. */
  batch(): Batch {
    return new Batch(this);
  }

  /** A stream of events, which listens from now on. It has a socket of its own. */
  monitor(options: MonitorOptions): Monitor {
    checkMonitor(options);
    return this.listening(options.rcvbuf, (transport, forget) => new Monitor(transport, options, forget));
  }
}

adopt(IPRoute, [LinkVerbs, AddrVerbs, RouteVerbs, NsidVerbs]);

/** Gives a class the methods of others. */
function adopt(target: { prototype: object }, parts: readonly { prototype: object }[]): void {
  for (const { prototype } of parts)
    for (const [name, method] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      if (name !== 'constructor') Object.defineProperty(target.prototype, name, method);
}
