/** What the verbs of all objects stand on: a route netlink socket that knows names of interfaces and flushes. */
import { InputError, show } from '../codec/errors.js';
import { MessageBatch } from '../netlink/batch.js';
import { NetlinkError } from '../netlink/errors.js';
import { IPRSocket } from '../netlink/iprsocket.js';
import type { FindMessage } from '../netlink/message.js';
import type { BindOptions } from '../netlink/netlink-mixin.js';
import { NETLINK_ROUTE } from '../netlink/options.js';
import type { RequestOptions } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { SocketOptions } from '../netlink/socket-options.js';
import { ifinfmsg } from '../rtnl/ifinfmsg.js';
import { linkGetRequest } from './link-request.js';
import { knownMessage, messageNumber } from './messages.js';
import { type GroupName, groupNumber } from './monitor.js';

export interface IPRouteOptions extends SocketOptions {
  /** Multicast groups to join on the main socket, for `get()`; `monitor()` has a socket of its own. */
  groups?: readonly (GroupName | number)[] | undefined;
}

export interface WriteOptions extends RequestOptions {
  /**
   * Have the kernel send the object as it is then (NLM_F_ECHO). Default: for `link('add')`. Links that are changed are
   * read afterwards. There is no `object` where the kernel sends none: addresses of IPv6, a route that a `replace` found
   * as it is to be.
   */
  echo?: boolean | undefined;
}

/** Refuses to ask for the object of a change of which no kernel sends it back. */
export function assertNoEcho(options: RequestOptions | undefined, read: string): void {
  if ((options as WriteOptions | undefined)?.echo === true)
    throw new InputError(
      'ERR_INVALID_VALUE',
      'echo',
      `is not possible: the kernel sends no object back; ${read} reads it`,
    );
}

export class RouteSocket extends IPRSocket {
  constructor(options: IPRouteOptions = {}) {
    const groups: unknown = options?.groups ?? [];
    if (!Array.isArray(groups))
      throw new InputError('ERR_INVALID_VALUE', 'groups', `expected an array of groups, got ${show(groups)}`);
    const numbers = groups.map(groupNumber);
    super(NETLINK_ROUTE, options);
    try {
      if (numbers.length > 0) this.bind({ groups: numbers });
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  /** Joins multicast groups by name or number; their messages come from `get()` without a number. */
  override bind(options: BindOptions<GroupName | number>): this {
    return super.bind(options as BindOptions);
  }

  protected override find(type: number): ReturnType<FindMessage> {
    return knownMessage(type);
  }

  protected override typeNumber(name: string): number | undefined {
    return messageNumber(name);
  }

  protected override groupNumber(group: GroupName | number): number {
    return groupNumber(group);
  }

  protected override async indexOf(name: string, options: RequestOptions | undefined): Promise<number> {
    try {
      return (await this.read(linkGetRequest({ ifname: name }), ifinfmsg, options)).index;
    } catch (error) {
      throw error instanceof NetlinkError ? nameless(error, name) : error;
    }
  }

  /** Sends deletions, passing over what went by itself meanwhile: errors that are `gone`, or of its codes. Resolves to how many were there. */
  protected async flush(
    deletions: Iterable<Outgoing>,
    options: RequestOptions | undefined,
    gone: readonly string[] | ((error: NetlinkError) => boolean),
  ): Promise<number> {
    const batch = new MessageBatch(this);
    for (const out of deletions) batch.add(out);
    const { results } = await batch.commit({ ...options, partial: true });
    const isGone = typeof gone === 'function' ? gone : ({ code }: NetlinkError) => gone.includes(code);
    const failed = results.find(({ error }) => error !== null && !(error instanceof NetlinkError && isGone(error)));
    if (failed !== undefined) throw failed.error;
    return results.filter(({ error }) => error === null).length;
  }
}

/** The error of a lookup by name, with the name. */
const nameless = ({ errno, op, seq, code }: NetlinkError, name: string): Error =>
  new NetlinkError({ errno, op, seq, reason: code === 'ENODEV' ? `there is no interface ${show(name)}` : undefined });
