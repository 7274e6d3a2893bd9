/** Links: `ip link`. */
import type { MessageExtras } from '../codec/message.js';
import type { Rec } from '../codec/type.js';
import type { DumpOptions } from '../netlink/dump.js';
import { ENODEV } from '../netlink/errno.js';
import { NetlinkError } from '../netlink/errors.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { NetlinkSocket } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import { ifinfmsg, type Link } from '../rtnl/ifinfmsg.js';
import { RouteSocket, type WriteOptions } from './base.js';
import { dumpArray, dumpStream } from './dumps.js';
import {
  type LinkArgument,
  type LinkChange,
  type LinkFilter,
  type LinkSelector,
  type LinkSpec,
  linkGetRequest,
  linkRequest,
  linkTable,
} from './link-request.js';
import { assertDefined, badCommand } from './select.js';

/** A link as the kernel has it, and what could not be decoded of it. */
export type LinkRow = Link & MessageExtras;

export abstract class LinkVerbs extends RouteSocket {
  /** One link, by `dev`, `index`, `ifname` or `altIfname`: a lookup in the kernel, not a dump. */
  link(cmd: 'get', spec: LinkSelector, options?: RequestOptions): Promise<LinkRow>;
  /** All links, or those that match. */
  link(cmd: 'dump' | 'show', filter?: LinkFilter, options?: DumpOptions): Promise<LinkRow[]>;
  /**
   * Adds a link, or changes or deletes one that `dev`, `index`, `ifname` or `altIfname` selects. Of a link that is deleted
   * nothing else may be said, except in a row as it was read, and the kind of one that another program made.
   */
  link<C extends LinkChange>(cmd: C, spec: LinkArgument<C>, options?: WriteOptions): Promise<WriteResult<LinkRow>>;
  link(
    cmd: LinkChange | 'get' | 'dump' | 'show',
    spec: LinkSpec | LinkRow | LinkFilter = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<WriteResult<LinkRow> | LinkRow | LinkRow[]> {
    // Not an async function, which would take as long as the rest of it.
    try {
      switch (cmd) {
        case 'get':
          return this.read(linkGetRequest(spec as LinkSelector), ifinfmsg, options);
        case 'dump':
        case 'show':
          return this.getLinks(spec as LinkFilter, options);
        case 'add':
        case 'replace':
        case 'set':
        case 'change':
        case 'del':
        case 'property_add':
        case 'property_del':
          return change(this, cmd, spec as LinkSpec, options);
        default:
          throw badCommand(cmd, [
            'add',
            'del',
            'change',
            'replace',
            'set',
            'get',
            'dump',
            'property_add',
            'property_del',
          ]);
      }
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** All links, or those that match. */
  async getLinks(filter?: LinkFilter, options?: DumpOptions): Promise<LinkRow[]> {
    return dumpArray(this, linkTable(filter), options);
  }

  /** The same as a stream. */
  links(filter?: LinkFilter, options?: DumpOptions): DumpStream<LinkRow> {
    return dumpStream(this, 'RTM_GETLINK', () => linkTable(filter), options);
  }

  /**
   * Indexes of the links that match, none when there is none. With only `ifname`, `altIfname` or `index` it is one
   * lookup in the kernel; a name may be an alternative one.
   */
  async linkLookup(filter: LinkFilter, options?: DumpOptions): Promise<number[]> {
    if (typeof filter !== 'function') assertDefined(filter);
    const keys = typeof filter === 'function' ? [] : Object.keys(filter);
    const [key] = keys;
    const value = key === undefined ? undefined : (filter as Rec)[key];
    if (
      keys.length === 1 &&
      (((key === 'ifname' || key === 'altIfname') && typeof value === 'string') ||
        (key === 'index' && typeof value === 'number'))
    ) {
      try {
        const { index } = await this.read(linkGetRequest(filter as LinkSelector), ifinfmsg, options);
        return [index];
      } catch (error) {
        if (error instanceof NetlinkError && error.errno === -ENODEV) return [];
        throw error;
      }
    }
    return (await this.getLinks(filter, options)).map(({ index }) => index);
  }
}

/** What selects a link after a change; undefined when it went to another namespace, or the kernel named it. */
function selectorOf(cmd: LinkChange, spec: LinkSpec): LinkSelector | undefined {
  const { dev, ifname, index, altIfname, netns, netNsFd, netNsPid } = spec;
  if (netns !== undefined || netNsFd !== undefined || netNsPid !== undefined) return undefined;
  // An index stays; a name may be given anew.
  if (index !== undefined) return { index };
  if (typeof dev === 'number') return { dev };
  if (ifname !== undefined) return { ifname };
  if (dev !== undefined) return { dev };
  return typeof altIfname === 'string' && !cmd.startsWith('property') ? { altIfname } : undefined;
}

/** Changes a link. */
async function change(
  socket: NetlinkSocket,
  cmd: LinkChange,
  spec: LinkSpec,
  options: WriteOptions | undefined,
): Promise<WriteResult<LinkRow>> {
  const echo = options?.echo ?? cmd === 'add';
  const result = await socket.write(linkRequest(cmd, spec), options, echo ? ifinfmsg : undefined);
  // Kernels before 6.2 do not echo links, and none those that are changed.
  if (echo && result.object === undefined && cmd !== 'del')
    return { ...result, ...(await afterwards(socket, cmd, spec, options)) };
  return result;
}

/** The link that was just added or changed, where it can be found. */
async function afterwards(
  socket: NetlinkSocket,
  cmd: LinkChange,
  spec: LinkSpec,
  options: RequestOptions | undefined,
): Promise<{ object?: LinkRow }> {
  const selector = selectorOf(cmd, spec);
  if (selector === undefined) return {};
  try {
    return { object: await socket.read(linkGetRequest(selector), ifinfmsg, options) };
  } catch {
    // It was made all the same; somebody renamed it since, or the kernel made its name of a pattern.
    return {};
  }
}
