/** From a request to its handler, and from what the handler did to the acknowledgement. */
import { addressHandlers } from './address.js';
import { Context, type Handlers } from './context.js';
import { type DumpPlan, runDump } from './dump.js';
import { E, Refusal } from './errno.js';
import { linkHandlers } from './link-requests.js';
import { acknowledgement } from './messages.js';
import { neighbourHandlers } from './neigh.js';
import { nexthopHandlers } from './nexthop.js';
import { NLM } from './numbers.js';
import { routeHandlers } from './route.js';
import { ruleHandlers } from './rule.js';
import type { FakeSocket } from './socket.js';
import type { Request } from './wire.js';

const HANDLERS: ReadonlyMap<number, Handlers> = new Map([
  ...linkHandlers,
  ...addressHandlers,
  ...routeHandlers,
  ...ruleHandlers,
  ...neighbourHandlers,
  ...nexthopHandlers,
]);

/** Carries out a request. Returns its acknowledgement, where there is to be one. */
export function carryOut(socket: FakeSocket, request: Request, plan: DumpPlan): Uint8Array | undefined {
  if (request.type < 16 || !request.has(NLM.REQUEST)) return undefined;
  const c = new Context(socket.namespace, socket, request);
  try {
    const handlers = HANDLERS.get(request.type);
    if (handlers?.dump !== undefined && (request.flags & NLM.DUMP) !== 0 && (request.type & 3) === 2) {
      if (socket.dumping) throw new Refusal(E.BUSY);
      socket.startDump(runDump(c, handlers.dump(c), plan));
      return undefined;
    }
    if (handlers?.one === undefined) throw new Refusal(E.OPNOTSUPP);
    handlers.one(c);
    return request.has(NLM.ACK) ? acknowledgement(socket, request, undefined) : undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return acknowledgement(socket, request, error);
  }
}
