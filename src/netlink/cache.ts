/** The cache thread of a session's socket. */
import { ENOPROTOOPT } from './errno.js';
import { ClosedError, ReaderError, systemError } from './errors.js';
import type { Session } from './session.js';

/** Has a thread take datagrams off the socket while JavaScript is busy, into a queue of `limit` bytes. */
export function startCache(session: Session, limit: number): void {
  if (session.closed) throw new ClosedError('bind');
  if (session.paused) throw new ReaderError('bind', true);
  const error = session.transport.cache?.(limit) ?? -ENOPROTOOPT;
  if (error < 0) throw systemError('pthread_create', error);
  session.cached = true;
  session.watchAgain();
}
