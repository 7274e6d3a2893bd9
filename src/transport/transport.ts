/**
 * The seam between the session and the kernel. The native addon implements it over an AF_NETLINK socket;
 * a fake kernel may implement it in memory. Pull, not push: the session owns the receive area and asks for
 * datagrams, so one crossing fills many of them and nothing is copied twice.
 */

/** Layout of the `meta` array that `receive` and `exchange` fill: a head of two words, then four words a datagram. */
export const META_HEAD = 2;
/** Words per datagram in `meta`: offset in the receive area, true length, sender's port id (0: the kernel), nsid (-1: none). */
export const META_STRIDE = 4;

export interface TransportOptions {
  /** Namespace to open the socket in: a path such as `/run/netns/blue`, or an open file descriptor of one. */
  netns?: string | number;
}

/** Opens a transport of a netlink protocol (`NETLINK_ROUTE` = 0). Throws an Error with `code`, `errno` (negative), `syscall`. */
export type OpenTransport = (protocol: number, options?: TransportOptions) => Transport;

export interface Transport {
  readonly protocol: number;
  /** Port id that the kernel assigned at bind. */
  readonly portid: number;
  /** File descriptor, -1 once closed or where there is none. */
  readonly fd: number;
  /** Sends `data` as one datagram (one or many messages). Returns the bytes sent, or a negative errno. Never blocks. */
  send(data: Uint8Array): number;
  /**
   * `send` on another thread: requests are carried out while they are sent, which may take long. `data` is copied before
   * it returns. Rejects with an Error with `errno`. May be missing.
   */
  sendLater?(data: Uint8Array): Promise<number>;
  /**
   * Receives as many datagrams as are there without blocking, until the area has less than `reserve` bytes left
   * (the first datagram may use all of it), `meta` is full, or `budgetUs` microseconds have gone (0: with the first, of
   * which no namespace is told).
   * `meta[0]` = why it stopped: 0 (space, `meta` or budget: there may be more) or a positive errno (EAGAIN: drained;
   * ENOBUFS: the kernel dropped something); `meta[1]` = number of datagrams. Each datagram starts at a multiple of 8.
   * A true length beyond the space that was left means that the datagram was cut. Returns the number of datagrams.
   */
  receive(area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number;
  /** `send` and then `receive` in one crossing. Returns a negative errno when the send failed (nothing was received then). */
  exchange(data: Uint8Array, area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number;
  /** Starts (function) or stops (null) watching for input; level-triggered; survives ENOBUFS. Watching keeps the event loop alive while `ref`ed. */
  watch(onReadable: (() => void) | null): void;
  /** Whether watching keeps the process alive. A new transport is unref'ed. */
  ref(): void;
  unref(): void;
  /** Joins or leaves a multicast group by number (any number, not only the first 32). Returns 0 or a negative errno. */
  join(group: number): number;
  leave(group: number): number;
  /** Socket option with an int value. `setOption` returns 0 or a negative errno, `getOption` the value or a negative errno. */
  setOption(level: number, name: number, value: number): number;
  getOption(level: number, name: number): number;
  /**
   * Has the kernel drop, before they are queued, datagrams for which a classic BPF program returns 0. The program is an
   * array of `struct sock_filter`. Returns 0 or a negative errno. May be missing where there is no kernel.
   */
  filter?(program: Uint8Array): number;
  /** Datagrams that the kernel dropped at this socket since it was opened (SO_MEMINFO, SK_MEMINFO_DROPS; wraps at 2^32). */
  drops(): number;
  /**
   * Starts a thread that takes datagrams off the socket while JavaScript is busy, into a queue of `limit` bytes; `receive`
   * takes them from there, and `drops` counts those that find it full. It stops watching. Returns 0 or a negative errno.
   * May be missing where there is no kernel.
   */
  cache?(limit: number): number;
  /** Stops watching and closes. Idempotent. */
  close(): void;
}
