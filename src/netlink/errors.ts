/** Errors of a conversation with the kernel. Each has `code`, like Node's own. */
import { errnoName, errnoText } from './errno.js';

/** How an error's attribute was found. */
export type AttributeSource =
  /** The kernel gave its offset (NLMSGERR_ATTR_OFFS). */
  | 'kernel'
  /** The kernel says that it is missing (NLMSGERR_ATTR_MISS_TYPE). */
  | 'missing'
  /** It is the only attribute that this errno and text can mean. */
  | 'inferred';

/** The kernel's policy for a refused attribute (NLMSGERR_ATTR_POLICY). */
export interface AttributePolicy {
  /** NL_ATTR_TYPE_* number. */
  type?: number;
  min?: number;
  max?: number;
  minLength?: number;
  maxLength?: number;
  mask?: bigint;
}

export interface NetlinkErrorInit {
  errno: number;
  op: string;
  seq: number;
  kernelMessage?: string | undefined;
  attribute?: string | undefined;
  attributeSource?: AttributeSource | undefined;
  policy?: AttributePolicy | undefined;
  offset?: number | undefined;
  syscall?: string | undefined;
  /** What happened, where the kernel has no words for it. */
  reason?: string | undefined;
}

/** The kernel refused a request. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  /** Name of the errno: `'EEXIST'`. */
  readonly code: string;
  /** Negative, as in Node: -17. */
  readonly errno: number;
  readonly syscall: string;
  /** Name of the request's message type: `'RTM_NEWLINK'`. */
  readonly op: string;
  /** The kernel's own words (NLMSGERR_ATTR_MSG). */
  readonly kernelMessage: string | undefined;
  /** Path of the attribute that the error is about: `'linkinfo.vxlan.id'`. */
  readonly attribute: string | undefined;
  readonly attributeSource: AttributeSource | undefined;
  readonly policy: AttributePolicy | undefined;
  /** Offset of the attribute in the request, in bytes from its netlink header. */
  readonly offset: number | undefined;
  readonly seq: number;

  constructor(init: NetlinkErrorInit) {
    const code = errnoName(init.errno);
    const about =
      init.attribute === undefined
        ? ''
        : `, ${init.attributeSource === 'missing' ? 'missing' : 'at'} ${init.attribute}`;
    super(
      `${code}: ${init.kernelMessage ?? init.reason ?? errnoText(init.errno) ?? 'the kernel refused the request'} (${init.op}${about})`,
    );
    this.code = code;
    this.errno = -Math.abs(init.errno);
    this.syscall = init.syscall ?? 'netlink';
    this.op = init.op;
    this.kernelMessage = init.kernelMessage;
    this.attribute = init.attribute;
    this.attributeSource = init.attributeSource;
    this.policy = init.policy;
    this.offset = init.offset;
    this.seq = init.seq;
  }
}

/** The table changed while it was dumped (NLM_F_DUMP_INTR), so rows may be missing or double. */
export class DumpInterruptedError<T = unknown[]> extends Error {
  override readonly name = 'DumpInterruptedError';
  readonly code = 'ERR_NETLINK_DUMP_INTERRUPTED';
  /**
   * What the last try gave: an array, of columns the columns. Of a stream nothing, since it handed on its rows as they
   * came.
   */
  readonly partial: T;

  constructor(op: string, partial: T) {
    super(`${op}: the table changed while it was dumped`);
    this.partial = partial;
  }
}

/** The answer to a change was lost (ENOBUFS) or not waited for, so nobody knows whether it was carried out. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
  readonly code = 'ERR_NETLINK_OUTCOME_UNKNOWN';
  readonly op: string;

  constructor(op: string, why = 'receive buffer overrun') {
    super(`${op}: the kernel's answer was lost (${why}); the request may or may not have been carried out`);
    this.op = op;
  }
}

/** Notifications were lost at the socket. Event streams say so by an `overrun` event; this is thrown where there is no stream. */
export class OverrunError extends Error {
  override readonly name = 'OverrunError';
  readonly code = 'ERR_NETLINK_OVERRUN';
  /** 0: they were counted with the loss before. */
  readonly dropped: number;

  constructor(dropped: number) {
    super(`${dropped} datagrams were dropped (receive buffer overrun)`);
    this.dropped = dropped;
  }
}

/** Nothing came for the time allowed, or not what was waited for. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ERR_NETLINK_TIMEOUT';

  constructor(op: string, ms: number, missing = 'answer') {
    super(`${op}: no ${missing} for ${ms} ms`);
  }
}

/** The socket was closed, before or while it was used. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  readonly code = 'ERR_NETLINK_CLOSED';

  constructor(op: string) {
    super(`${op}: the socket is closed`);
  }
}

/** The reader of a socket is stopped where it is needed, or runs where it must not, or cannot be stopped now. */
export class ReaderError extends Error {
  override readonly name = 'ReaderError';
  readonly code = 'ERR_NETLINK_READER';

  constructor(op: string, paused: boolean, why = paused ? 'the reader is paused: resume() it' : 'pause() the reader') {
    super(`${op}: ${why}`);
  }
}

/** What became of one message of a batch: its error, or null when the kernel took it. */
export interface BatchResult {
  readonly op: string;
  readonly error: Error | null;
}

/** Some messages of a batch were refused; the others were carried out. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
  readonly code = 'ERR_NETLINK_BATCH';
  /** One result a message, in order. */
  readonly results: BatchResult[];

  /** `cause` is what ended the batch before all was sent. */
  constructor(results: BatchResult[], cause?: unknown) {
    const failed = results.filter(({ error }) => error !== null);
    super(
      `${failed.length} of ${results.length} messages failed; the first: ${failed[0]?.error?.message ?? ''}`,
      cause === undefined ? undefined : { cause },
    );
    this.results = results;
  }
}

/** An Error as a failed system call gives it; `doing` says what for. */
export function systemError(syscall: string, errno: number, doing?: string): NodeJS.ErrnoException {
  const code = errnoName(errno);
  const message = doing === undefined ? `${syscall} ${code}` : `${doing}: ${syscall} ${code}`;
  return Object.assign(new Error(message), { code, errno: -Math.abs(errno), syscall });
}
