/** IPRSocket: the plain socket, for programs that put messages together themselves. */
import type { Bytes } from '../codec/bytes.js';
import type { FindMessage } from './message.js';
import { NetlinkMixin } from './netlink-mixin.js';
import { NetlinkSocket } from './socket.js';
import type { SocketOptions } from './socket-options.js';

export class IPRSocket extends NetlinkMixin(NetlinkSocket) {
  readonly #find: FindMessage;

  /** `find` gives the tables by which messages are decoded; without it their payload stays bytes. */
  constructor(protocol: number, options: SocketOptions = {}, find: FindMessage = () => undefined) {
    super(protocol, options);
    this.#find = find;
  }

  protected override find(type: number, s: Bytes, p: number, seq: number): ReturnType<FindMessage> {
    return this.#find(type, s, p, seq);
  }
}
