/** A transport that notes what is sent. It answers only what a test puts into its mouth. */
import {
  IPRoute,
  type IPRouteOptions,
  type OpenTransport,
  type Transport,
  type TransportOptions,
} from '../../src/index.js';
import { INERT } from '../transport/inert.js';

const EAGAIN = 11;

export class Recorder {
  /** Every datagram that was sent, over all sockets. */
  readonly sent: Uint8Array[] = [];
  /** Where sockets were opened. */
  readonly opened: (TransportOptions | undefined)[] = [];
  /** Sockets that are open now. */
  open = 0;
  /** The datagram that answers what was sent, if any. */
  answer: ((sent: Uint8Array) => Uint8Array | undefined) | undefined;

  readonly transport: OpenTransport = (protocol, options): Transport => {
    this.opened.push(options);
    this.open++;
    let closed = false;
    const take = (data: Uint8Array): number => {
      this.sent.push(data.slice());
      return data.length;
    };
    return {
      ...INERT,
      protocol,
      portid: 1000 + this.opened.length,
      send: take,
      receive(_area, meta) {
        meta[0] = EAGAIN;
        meta[1] = 0;
        return 0;
      },
      exchange: (data, area, meta) => {
        take(data);
        const answer = this.answer?.(data);
        meta.set([EAGAIN, 0]);
        if (answer === undefined) return 0;
        area.set(answer);
        meta.set([EAGAIN, 1, 0, answer.length, 0, -1]);
        return 1;
      },
      close: () => {
        if (!closed) this.open--;
        closed = true;
      },
    };
  };

  iproute(options: IPRouteOptions = {}): IPRoute {
    return new IPRoute({ ...options, transport: this.transport });
  }
}
