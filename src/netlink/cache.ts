/** The cache thread of a session's socket. */
import { InputError } from '../codec/errors.js';
import { ClosedError, ReaderError, systemError } from './errors.js';
import type { Session } from './session.js';

/** Has a thread take datagrams off the socket while JavaScript is busy, into a queue of `limit` bytes. */
export function startCache(session: Session, limit: number): void {
  if (session.closed) throw new ClosedError('bind');
  if (session.paused) throw new ReaderError('bind', true);
  const { transport } = session;
  if (transport.cache === undefined)
    throw new InputError('ERR_CONFLICT', 'async', 'the transport of this socket has no cache thread');
  const error = transport.cache(limit);
  if (error < 0) throw systemError('pthread_create', error);
  session.cached = true;
  session.watchAgain();
}
