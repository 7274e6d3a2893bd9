/** A link, and its messages. */
import { devconf } from './devconf.js';
import type { Kind } from './kinds.js';
import type { Namespace } from './namespace.js';
import { IFF } from './numbers.js';
import type { Options } from './options.js';
import type { Fill, Payload } from './wire.js';

/** IF_OPER_*. */
export const OPER = { UNKNOWN: 0, DOWN: 2, LOWERLAYERDOWN: 3, UP: 6 } as const;

/** What is only in some messages of a link. */
export interface LinkExtras {
  /** ifi_change. */
  change?: number;
  /** IFLA_EVENT. */
  event?: number;
  /** Where it went: id of the namespace, and its index there. */
  gone?: { id: number; index: number };
  /** Whether IPv4 and IPv6 still have settings for it. */
  settings?: boolean;
}

export class Link {
  flags: number;
  mtu: number;
  minMtu: number;
  maxMtu: number;
  txqlen: number;
  group = 0;
  promiscuity = 0;
  allmulti = 0;
  txQueues: number;
  rxQueues: number;
  carrier: boolean;
  carrierUps = 0;
  carrierDowns = 0;
  operstate: number = OPER.UNKNOWN;
  alias = '';
  altNames: string[] = [];
  master: Link | undefined;
  /** The other end of a veth pair. */
  peer: Link | undefined;
  qdisc = 'noop';
  tsoMaxSize: number;
  address: Uint8Array = new Uint8Array(6);
  broadcast: Uint8Array;
  options: Options | undefined;
  /** Its number as a port of `master`, and its options there. */
  portNumber = 0;
  port: Options | undefined;
  /** MTU of IPv6, which follows that of the link. */
  mtu6: number;
  /** Whether IPv6 works on it. */
  ready6 = false;
  /** Promiscuous because it cannot tell its further addresses by itself. */
  unicastPromisc = false;
  /** Whether routes over it are known to lead nowhere (RTNH_F_LINKDOWN). */
  linkDown = false;
  /** Being taken away. */
  dying = false;

  constructor(
    public ns: Namespace,
    public index: number,
    public name: string,
    readonly kind: Kind,
  ) {
    this.flags = kind.flags;
    this.mtu = kind.mtu ?? 1500;
    this.mtu6 = this.mtu;
    this.minMtu = kind.minMtu ?? 68;
    this.maxMtu = kind.maxMtu ?? 65535;
    this.txqlen = kind.txqlen ?? 1000;
    this.txQueues = kind.queues ?? 1;
    this.rxQueues = kind.queues ?? 1;
    this.carrier = true;
    this.tsoMaxSize = kind.tsoMaxSize ?? 524_280;
    this.broadcast = new Uint8Array(6).fill(this.loopback ? 0 : 0xff);
  }

  get loopback(): boolean {
    return (this.flags & IFF.LOOPBACK) !== 0;
  }
  /** Whether it stays in its namespace. */
  get immobile(): boolean {
    return this.loopback || this.kind.immobile === true;
  }
  get up(): boolean {
    return (this.flags & IFF.UP) !== 0;
  }
  /** Whether it can carry packets, as far as is known. */
  get operational(): boolean {
    return this.operstate === OPER.UP || this.operstate === OPER.UNKNOWN;
  }
  /** Flags as messages have them. */
  get shownFlags(): number {
    if (!this.up) return this.flags;
    return this.flags | (this.operational ? IFF.RUNNING : 0) | (this.carrier ? IFF.LOWER_UP : 0);
  }
  /** Index of what is below or beyond it: its own where there is nothing. */
  get beyond(): number {
    if (this.kind.name === 'veth') return this.peer?.index ?? 0;
    return this.index;
  }

  #linkinfo(m: Payload): void {
    if (this.kind.name === '') return;
    m.nest(18, () => {
      m.str(1, this.kind.name);
      if (this.options !== undefined) m.nest(2, () => this.#options(m, this.options!));
      if (this.master !== undefined && this.port !== undefined) {
        m.str(4, this.master.kind.name);
        m.nest(5, () => this.#options(m, this.port!));
      }
    });
  }

  #options(m: Payload, options: Options): void {
    for (const [type, data] of options) if (data.length > 0) m.bytes(type, data);
  }

  /** RTM_NEWLINK or RTM_DELLINK. */
  fill({ change = 0, event, gone, settings = true }: LinkExtras = {}): Fill {
    return (m) => {
      m.head([1, 0], [1, 0], [2, this.kind.type ?? 1], [4, this.index], [4, this.shownFlags], [4, change]);
      m.str(3, this.name);
      m.u32(13, this.txqlen);
      m.u8(16, this.up ? this.operstate : OPER.DOWN);
      m.u8(17, 0);
      m.u8(67, this.immobile ? 1 : 0);
      m.u32(4, this.mtu);
      m.u32(50, this.minMtu);
      m.u32(51, this.maxMtu);
      m.u32(27, this.group);
      m.u32(30, this.promiscuity);
      m.u32(61, this.allmulti);
      m.u32(31, this.txQueues);
      m.u32(40, 65535);
      for (const type of [41, 58, 63, 64]) m.u32(type, 65536);
      m.u32(59, this.tsoMaxSize);
      m.u32(60, 65535);
      m.u32(66, 0);
      m.u32(32, this.rxQueues);
      if (this.master !== undefined) m.u32(10, this.master.index);
      m.u8(33, this.carrier ? 1 : 0);
      if (this.alias !== '') m.str(20, this.alias);
      m.u32(35, this.carrierUps + this.carrierDowns);
      m.u32(47, this.carrierUps);
      m.u32(48, this.carrierDowns);
      m.u16(68, this.kind.headroom ?? 0);
      m.u16(69, 0);
      m.u8(39, 0);
      if (event !== undefined) m.u32(44, event);
      m.bytes(1, this.address);
      m.bytes(2, this.broadcast);
      m.bytes(23, new Uint8Array(200));
      m.bytes(7, new Uint8Array(96));
      m.nest(43, () => m.u8(2, 0));
      this.#linkinfo(m);
      if (this.peer !== undefined && this.peer.ns !== this.ns && !this.dying) m.u32(37, this.ns.idOf(this.peer.ns));
      if (this.kind.name === 'veth') m.u32(5, this.beyond);
      if (gone !== undefined) {
        m.u32(45, gone.id);
        m.u32(49, gone.index);
      }
      m.str(6, this.qdisc);
      m.nest(26, () => {
        if (settings) devconf(m, this);
      });
      m.bytes(14, new Uint8Array(32));
      if (this.altNames.length > 0)
        m.flagged(52, () => {
          for (const name of this.altNames) m.str(53, name);
        });
      m.flagged(62, () => {});
      m.flagged(65, () => {});
    };
  }

  /** The message of a port of a bridge, of family 7. */
  fillPort(withInfo: boolean): Fill {
    return (m) => {
      m.head([1, 7], [1, 0], [2, this.kind.type ?? 1], [4, this.index], [4, this.shownFlags], [4, 0]);
      m.str(3, this.name);
      if (this.master !== undefined) m.u32(10, this.master.index);
      m.u32(4, this.mtu);
      m.u8(16, this.up ? this.operstate : OPER.DOWN);
      m.bytes(1, this.address);
      if (this.beyond !== this.index) m.u32(5, this.beyond);
      if (withInfo && this.port !== undefined) m.flagged(12, () => this.#options(m, this.port!));
    };
  }
}
