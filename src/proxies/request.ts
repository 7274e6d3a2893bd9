/** A request about a link on its way through a proxy of the library. */
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE } from '../codec/header.js';
import type { Rec } from '../codec/type.js';
import { ENODEV } from '../netlink/errno.js';
import { NetlinkError } from '../netlink/errors.js';
import type { IPRSocket } from '../netlink/iprsocket.js';
import type { BuiltInContext, SendVerdict } from '../netlink/proxy.js';
import { acknowledged, joined } from '../netlink/wire.js';
import { ifinfmsg } from '../rtnl/classes.js';
import { RTM } from '../rtnl/constants.js';
import type { Link } from '../rtnl/ifinfmsg.js';

const MAKING = NLM_F_CREATE | NLM_F_EXCL | NLM_F_REPLACE;

/** What the built-in proxies do with a request: parts of it are for the kernel all the same. */
export class LinkRequest {
  readonly value: Link & Rec;
  readonly flags: number;
  readonly seq: number;
  readonly #nl: IPRSocket;

  constructor(readonly context: BuiltInContext) {
    this.value = context.decode().value as Link & Rec;
    this.flags = context.header.flags;
    this.seq = context.header.seq;
    // Whoever has links speaks rtnetlink, by a socket of this kind.
    this.#nl = context.nl as unknown as IPRSocket;
  }

  get creates(): boolean {
    return (this.flags & NLM_F_CREATE) !== 0;
  }

  get exclusive(): boolean {
    return (this.flags & NLM_F_EXCL) !== 0;
  }

  /** The link that a selection finds. Rejects with a NetlinkError. */
  async link(selection: Rec): Promise<Link> {
    const [found] = await this.#nl.nlmRequest({ def: ifinfmsg.def as never, value: selection }, RTM.RTM_GETLINK);
    return found!.value as unknown as Link;
  }

  /** Whether there is a link of this name. */
  async exists(ifname: string): Promise<boolean> {
    return this.link({ ifname }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NetlinkError && error.errno === -ENODEV) return false;
        throw error;
      },
    );
  }

  /** The link that the request selects. */
  async selected(): Promise<Link> {
    const { index, ifname, altIfname } = this.value;
    return this.link(index > 0 ? { index } : ifname === undefined ? { altIfname } : { ifname });
  }

  /** Sends what the kernel does of the request: `value` without some keys, to a link that is there or as it was asked for. */
  async pass(without: readonly string[], changes: Rec, making: boolean): Promise<void> {
    const value: Rec = { ...this.value, ...changes };
    for (const key of without) delete value[key];
    const flags = making ? this.flags & MAKING : 0;
    await this.#nl.nlmRequest({ def: ifinfmsg.def as never, value }, RTM.RTM_NEWLINK, flags | NLM_F_ACK);
  }

  async remove(ifname: string): Promise<void> {
    await this.#nl.nlmRequest({ def: ifinfmsg.def as never, value: { ifname } }, RTM.RTM_DELLINK, NLM_F_ACK);
  }

  /** The answer: consent, with the link where it is to be echoed, and with a descriptor for the caller. */
  async consent(ifname: string, descriptor?: number): Promise<SendVerdict> {
    const parts: Uint8Array[] = [];
    if ((this.flags & NLM_F_ECHO) !== 0) {
      // It may have gone to another namespace.
      const link = await this.link({ ifname }).catch(() => undefined);
      if (link !== undefined) {
        const message = new ifinfmsg(link as object);
        message.header.type = RTM.RTM_NEWLINK;
        parts.push(message.encode().buf);
      }
    }
    // Last: until then it is the caller's, who closes it when this rejects.
    if (descriptor !== undefined) parts.push(acknowledged(this.context.header, this.context.hand(descriptor)));
    return { verdict: 'return', data: joined(parts) };
  }
}
