/** recv and sendto: datagrams as they are, on a socket whose reader is paused. */
import { aligned } from '../codec/bytes.js';
import { InputError, show } from '../codec/errors.js';
import { NLMSG_ERROR, NLMSG_HDRLEN } from '../codec/header.js';
import { META_HEAD, type Transport } from '../transport/transport.js';
import { RESERVE, receiveArea, receiveMeta } from './area.js';
import { debugMessage } from './debug.js';
import { EAGAIN, ENOBUFS } from './errno.js';
import { ClosedError, OverrunError, ReaderError, systemError, TimeoutError } from './errors.js';
import type { RequestOptions } from './pending.js';
import { ProxiedTransport } from './proxied.js';
import { Serial } from './serial.js';
import type { Session } from './session.js';
import { thrownAt } from './thrown.js';
import { typeOf } from './wire.js';

/** A budget that is used up by the first datagram. */
const ONE_DATAGRAM = 0;
const EMSGSIZE = 90;

/** Throws unless the session has left its socket to somebody else. */
export function assertPaused(session: Session, op: string): void {
  if (session.closed) throw new ClosedError(op);
  if (!session.paused) throw new ReaderError(op, false);
}

/** Sends one datagram and returns the number of its bytes. */
export async function sendRaw(transport: Transport, data: Uint8Array): Promise<number> {
  if (!(data instanceof Uint8Array) || data.length < NLMSG_HDRLEN)
    throw new InputError('ERR_INVALID_VALUE', 'data', `expected the bytes of whole messages, got ${show(data)}`);
  debugMessage('>', transport.protocol, data);
  if (transport instanceof ProxiedTransport) return transport.sendto(data);
  const sent = transport.send(data);
  if (sent < 0) throw systemError('sendmsg', sent);
  return sent;
}

/** Gives datagrams in order, however many ask at once. */
export class RawReader {
  readonly #session: Session;
  readonly #serial = new Serial();
  #stop: (() => void) | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  recv(options: RequestOptions): Promise<Uint8Array> {
    return this.#serial.run(() => this.#next(options));
  }

  /** Ends a wait: the reader runs again, or the socket is closed. */
  stop(): void {
    this.#stop?.();
  }

  async #next(options: RequestOptions): Promise<Uint8Array> {
    for (;;) {
      options.signal?.throwIfAborted();
      assertPaused(this.#session, 'recv');
      const { transport } = this.#session;
      const { u8 } = receiveArea();
      transport.receive(u8, receiveMeta, RESERVE, ONE_DATAGRAM);
      // A proxy may have closed the socket.
      assertPaused(this.#session, 'recv');
      const [why, count, start = 0, length = 0, from] = receiveMeta.subarray(0, META_HEAD + 3);
      if (count === 1) {
        // Anybody may send to a port; the kernel alone is listened to.
        if (from !== 0) continue;
        if (start + length > u8.length) throw systemError('recvmsg', EMSGSIZE);
        const data = u8.slice(start, start + length);
        debugMessage('<', transport.protocol, data);
        const thrown = typeOf(data) === NLMSG_ERROR ? thrownAt(aligned(data), NLMSG_HDRLEN) : undefined;
        if (thrown !== undefined) throw thrown.error;
        return data;
      }
      if (why === ENOBUFS) throw new OverrunError(this.#session.newlyDropped());
      if (why !== EAGAIN) throw systemError('recvmsg', why!);
      options.signal?.throwIfAborted();
      await this.#readable(options);
    }
  }

  #readable({ signal, timeout = this.#session.timeout }: RequestOptions): Promise<void> {
    const { transport } = this.#session;
    return new Promise((resolve, reject) => {
      const done = (error?: unknown) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#stop = undefined;
        if (!this.#session.closed && this.#session.paused) {
          transport.watch(null);
          transport.unref();
        }
        if (error === undefined) resolve();
        else reject(error);
      };
      const onAbort = () => done(signal!.reason);
      const timer =
        timeout > 0 ? setTimeout(() => done(new TimeoutError('recv', timeout, 'datagram')), timeout) : undefined;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#stop = () =>
        done(this.#session.closed ? new ClosedError('recv') : new ReaderError('recv', false, 'the reader was resumed'));
      transport.watch(() => done());
      transport.ref();
    });
  }
}
