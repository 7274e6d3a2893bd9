/** Links: what `ip link` takes, as requests. */
import { InputError, show } from '../codec/errors.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import type { Rec } from '../codec/type.js';
import { interfaceIndex, isRec } from '../codec/write.js';
import type { Outgoing } from '../netlink/socket.js';
import { isProxied, readAs } from '../proxies/index.js';
import { RTEXT_FILTER, RTM } from '../rtnl/constants.js';
import { ifinfmsg, type Link, type LinkIn } from '../rtnl/ifinfmsg.js';
import type { LinkKinds, SlaveKinds } from '../rtnl/kinds/index.js';
import type { LinkInfoIn } from '../rtnl/linkinfo.js';
import { asGiven, requestAsGiven } from './as-given.js';
import type { TableRequest } from './dumps.js';
import { isRowOf } from './identity.js';
import { arpFlag, flagMask, stateFlag } from './link-flags.js';
import { linkinfo, peerOf, wordsOf } from './link-payload.js';
import { assertNames, assertOneName, assertSelected, selecting } from './link-select.js';
import { type FileName, linkGroups, type NamedKey, named } from './name-files.js';
import { namespace } from './namespace.js';
import { assertDefined, badCommand, matcher, type Predicate, type Wanted, type Where } from './select.js';

type InputOf<T> = T extends { in: infer I } ? I : never;

type SlaveKey = `${keyof SlaveKinds & string}_slave`;
type Payload<K> = K extends keyof LinkKinds
  ? InputOf<LinkKinds[K]>
  : K extends `${infer M}_slave`
    ? M extends keyof SlaveKinds
      ? InputOf<SlaveKinds[M]>
      : never
    : never;
type PayloadKey = keyof LinkKinds | SlaveKey;

/** A kind, or `'bridge_slave'` for a port's options, with the payload under its name and no other: `{ kind: 'vxlan', vxlan: { id: 42 } }`. */
export type LinkKindSpec =
  | {
      [K in PayloadKey]: { kind: K } & { [P in K]?: Payload<P> | undefined } & {
        [P in Exclude<PayloadKey, K>]?: undefined;
      };
    }[PayloadKey]
  | ({ kind?: string | undefined } & { [P in PayloadKey]?: undefined });

/** The other end of a veth, vxcan or netkit. It cannot be set up before the pair is there. */
export interface PeerSpec extends Omit<LinkIn, 'index' | 'state'> {
  /** Namespace of the peer: a name, a path or an open descriptor. */
  netns?: string | number | undefined;
}

/** Keys of a link besides its kind. */
export interface LinkKeys extends Omit<LinkIn, 'master' | 'index' | 'altIfname' | 'group' | 'stats64'> {
  /** Comes out of the kernel: rows are not set as they are. */
  stats64?: undefined;
  /** Number of a group of links, or its name in the file `group`. */
  group?: number | FileName<'group'> | undefined;
  /** Selects a link that is there by its index; for a new one the index it shall have. */
  index?: number | undefined;
  /** Selects a link that is there, by name or index; `ifname` is then its new name. */
  dev?: number | string | undefined;
  /** Selects a link by an alternative name; for `property_add` and `property_del` the names. */
  altIfname?: string | readonly string[] | undefined;
  /** The link that this one is enslaved to; null (or 0) frees it. */
  master?: number | string | null | undefined;
  /** Other end of a veth, vxcan or netkit: its name, or its attributes. */
  peer?: string | PeerSpec | undefined;
  /** Namespace to put the link into: a name, a path or an open descriptor. */
  netns?: string | number | undefined;
  /** ARP on or off: IFF_NOARP reversed. */
  arp?: boolean | undefined;
}

/** A link to be added, or what is to change. */
export type LinkSpec = LinkKeys & LinkKindSpec;

/** A link to be added: it has a kind. */
export type LinkAdd = LinkSpec & ({ kind: string } | { linkinfo: LinkInfoIn });

type Named = { dev: number | string } | { index: number } | { ifname: string } | { altIfname: string };

/** A link that is there, and what is to become of it. */
export type LinkTarget = LinkSpec & Named;

/** Which link: one of `dev`, `index`, `ifname`, `altIfname`. */
export type LinkSelector = Pick<LinkKeys, 'dev' | 'index' | 'ifname' | 'extMask'> & {
  altIfname?: string | undefined;
} & Named;

/** Which links to list: a predicate, or keys that must be equal. `kind` and `master` are checked by the kernel. */
export type LinkFilter =
  | Predicate<Link & MessageExtras>
  | Where<
      Link,
      {
        kind?: Wanted<string>;
        /** Index or name. */
        master?: Wanted<number | string>;
        state?: Wanted<'up' | 'down'>;
        group?: Wanted<number | FileName<'group'>>;
        /** What rows are to contain besides: RTEXT_FILTER_* bits. */
        extMask?: LinkIn['extMask'];
      }
    >;

/** Verbs that make a link. */
export type LinkMaking = 'add' | 'replace';
/** Verbs about a link that is there. */
export type LinkChanging = 'set' | 'change' | 'del' | 'property_add' | 'property_del';
export type LinkChange = LinkMaking | LinkChanging;
/** What a verb takes. */
export type LinkArgument<C extends LinkChange> = C extends LinkMaking
  ? LinkAdd
  : C extends 'del'
    ? LinkTarget | (Link & MessageExtras)
    : LinkTarget;

const TYPE: Readonly<Record<LinkChange, keyof typeof RTM>> = {
  add: 'RTM_NEWLINK',
  set: 'RTM_NEWLINK',
  change: 'RTM_NEWLINK',
  replace: 'RTM_NEWLINK',
  del: 'RTM_DELLINK',
  property_add: 'RTM_NEWLINKPROP',
  property_del: 'RTM_DELLINKPROP',
};
const FLAGS: Readonly<Record<LinkChange, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  set: 0,
  change: 0,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  del: 0,
  property_add: NLM_F_CREATE | NLM_F_EXCL,
  property_del: 0,
};
const NAME_MAX = 15;
/** A name that selects, of more than 15 bytes, can only be an alternative one. */
function names(value: Rec): void {
  if (
    value.index === undefined &&
    typeof value.ifname === 'string' &&
    Buffer.byteLength(value.ifname) > NAME_MAX &&
    value.altIfname === undefined
  ) {
    value.altIfname = value.ifname;
    delete value.ifname;
  }
}

/** An alternative name selects a link; beside another word for that, or for a new link, the kernel passes over it. */
function assertAltname(cmd: LinkChange | 'get', spec: Rec): void {
  if (spec.altIfname === undefined || cmd.startsWith('property')) return;
  const other = ['dev', 'index', 'ifname'].find((key) => spec[key] !== undefined);
  if (cmd === 'add' || cmd === 'replace')
    throw new InputError(
      'ERR_CONFLICT',
      'altIfname',
      'is no name of a new link; property_add gives it to one that is there',
    );
  if (other !== undefined)
    throw new InputError(
      'ERR_CONFLICT',
      'altIfname',
      `selects a link, as ${other} does, which is given; property_add adds a name`,
    );
}

const NAMED: readonly NamedKey[] = [['group', linkGroups, {}]];

/** The message's own keys for a spec. */
function prepared(cmd: LinkChange, spec: LinkSpec): Rec {
  const value: Rec = { ...named(spec, NAMED) };
  delete value.dev;
  if (spec.dev !== undefined && spec.index !== undefined)
    throw new InputError('ERR_CONFLICT', 'dev', 'is another word for index, which is given');
  if (spec.master === null) value.master = 0;
  if (spec.netns !== undefined) {
    delete value.netns;
    value.netNsFd = namespace(spec.netns, 'netns');
  }
  peerOf(value);
  arpFlag(value);
  flagMask(value);
  stateFlag(value);
  linkinfo(value);
  if (cmd.startsWith('property')) {
    const { altIfname, ...rest } = value;
    const list: unknown[] = Array.isArray(altIfname) ? altIfname : [altIfname];
    if (altIfname === undefined || list.length === 0)
      throw new InputError('ERR_MISSING_KEY', 'altIfname', 'is needed: the alternative name');
    return { ...rest, propList: { altIfname: list } };
  }
  if (spec.dev === undefined && (cmd === 'set' || cmd === 'change' || cmd === 'del')) names(value);
  return value;
}

/** Whether a change may give the names of interfaces to others. */
const renames = (cmd: LinkChange, spec: LinkSpec): boolean =>
  (cmd !== 'set' && cmd !== 'change') ||
  (spec.ifname !== undefined && (spec.dev !== undefined || spec.index !== undefined)) ||
  spec.netns !== undefined ||
  spec.netNsFd !== undefined ||
  spec.netNsPid !== undefined;

/** Whether it may be for another program than the kernel. */
const isOutside = (cmd: LinkChange, { kind, linkinfo, master }: LinkSpec): boolean =>
  isProxied(kind ?? linkinfo?.kind, cmd === 'del' || master !== undefined);

/** The request of a change. Throws InputError for what cannot be one. */
export function linkRequest(cmd: LinkChange, given: LinkSpec): Outgoing {
  if (!Object.hasOwn(FLAGS, cmd)) throw badCommand(cmd, Object.keys(FLAGS));
  if (!isRec(given as unknown))
    throw new InputError('ERR_INVALID_VALUE', 'link', `expected an object, got ${show(given)}`);
  const spec = cmd === 'del' ? selecting(given) : given;
  if (cmd !== 'del' && given.mtu !== undefined && given.ifname !== undefined && isRowOf(ifinfmsg, given))
    throw new InputError('ERR_CONFLICT', 'link', 'is a row as it was read, most of which is not set; name what is');
  assertNames(spec as Rec);
  assertAltname(cmd, spec as Rec);
  if (cmd === 'add' || cmd === 'replace') {
    if (spec.kind === undefined && spec.linkinfo === undefined)
      throw new InputError('ERR_MISSING_KEY', 'kind', 'is needed to add a link');
    if (spec.dev !== undefined)
      throw new InputError('ERR_CONFLICT', 'dev', 'selects a link that is there; a new one has ifname');
  } else {
    const { dev, index, ifname } = spec;
    const names = {
      ...('dev' in spec && { dev }),
      ...('index' in spec && { index }),
      ...('ifname' in spec && { ifname }),
    };
    assertDefined(names);
    assertSelected(cmd.startsWith('property') ? names : (spec as Rec), cmd, spec as Rec);
  }
  const value = asGiven(
    () => wordsOf(spec),
    () => prepared(cmd, spec),
  );
  const op = cmd === 'set' && value.family === 7 ? 'RTM_SETLINK' : TYPE[cmd];
  return {
    op,
    type: RTM[op],
    flags: FLAGS[cmd],
    def: ifinfmsg,
    outside: isOutside(cmd, spec),
    renames: renames(cmd, spec),
    put(w) {
      const at = w.pos + 4;
      asGiven(
        () => wordsOf(spec),
        () => ifinfmsg.write(w, value),
      );
      if (spec.dev !== undefined) device(w, at, spec.dev);
    },
  };
}

function device(w: Parameters<typeof interfaceIndex>[0], at: number, dev: number | string): void {
  try {
    w.u32[at >> 2] = interfaceIndex(w, at, dev);
  } catch (error) {
    throw error instanceof InputError ? error.within('dev') : error;
  }
}

/** The request of one link. A name of more than 15 bytes is looked up as an alternative name; a shorter one may be either. */
export function linkGetRequest(spec: LinkSelector): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'link', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  assertNames(spec as Rec);
  assertSelected(spec, 'get');
  if (isRowOf(ifinfmsg, spec)) return linkGetRequest({ index: spec.index! });
  if (spec.dev === undefined) assertOneName(spec as Rec);
  assertAltname('get', spec as Rec);
  const { dev } = spec;
  const value: Rec = { extMask: RTEXT_FILTER.vf, ...(dev === undefined ? spec : withoutDev(spec)) };
  names(value);
  const out: Outgoing = {
    op: 'RTM_GETLINK',
    type: RTM.RTM_GETLINK,
    flags: 0,
    def: ifinfmsg,
    put: (w) => ifinfmsg.write(w, value),
  };
  const name = dev === undefined ? 'ifname' : 'dev';
  if (spec.altIfname !== undefined) return out;
  return requestAsGiven(out, () =>
    ['ifname', 'altIfname', 'index'].map((key) => [key, dev === undefined && key === 'index' ? key : name]),
  );
}

/** A selection whose `dev` is `ifname` or `index`. By itself, because to leave a key out takes the engine long. */
function withoutDev({ dev, ...rest }: LinkSelector): Rec {
  if (rest.index !== undefined || rest.ifname !== undefined)
    throw new InputError('ERR_CONFLICT', 'dev', 'is another word for index or ifname, which is given');
  return typeof dev === 'string' ? { ...rest, ifname: dev } : { ...rest, index: dev };
}

/** Refuses a kind that no row has: links are made by that name, and read by another one. */
function assertRead(key: string, value: unknown): void {
  const other = typeof value === 'string' ? readAs(value) : undefined;
  if (other !== undefined)
    throw new InputError(
      'ERR_INVALID_VALUE',
      key,
      `links made as ${show(value)} are read as ${show(other)}; give that`,
    );
}

/** The request of a list. */
export function linkTable(filter: LinkFilter = {}): TableRequest<Link & MessageExtras> {
  const ask: Rec = { extMask: RTEXT_FILTER.vf };
  const match: Rec = {};
  if (typeof filter !== 'function') {
    assertDefined(filter);
    for (const [key, value] of Object.entries(named(filter, NAMED))) {
      if (key === 'kind' && typeof value !== 'function') {
        if (typeof value !== 'string' || value === '')
          throw new InputError(
            'ERR_INVALID_VALUE',
            'kind',
            `expected the name of a kind or a function, got ${show(value)}`,
          );
        assertRead(key, value);
        ask.linkinfo = { kind: value };
        match['linkinfo.kind'] = value;
      } else if (key === 'state' && typeof value !== 'function' && value !== 'up' && value !== 'down') {
        throw new InputError('ERR_INVALID_VALUE', 'state', `expected up, down or a function, got ${show(value)}`);
      } else if (key === 'master' && typeof value !== 'function') {
        // To the kernel 0 means any.
        if (value === 0 || value === null)
          throw new InputError('ERR_INVALID_VALUE', key, 'is no link; for links without one give a function');
        ask.master = value;
      } else if (key === 'altIfname' && typeof value === 'string') {
        match.propList = (list: unknown) => (list as { altIfname?: string[] } | undefined)?.altIfname?.includes(value);
      } else if (key === 'kind') match['linkinfo.kind'] = value;
      else if (key === 'extMask') ask.extMask = value;
      else {
        if (key === 'linkinfo.kind') assertRead(key, value);
        match[key] = value;
      }
    }
  }
  return {
    out: {
      op: 'RTM_GETLINK',
      type: RTM.RTM_GETLINK,
      flags: 0,
      def: ifinfmsg,
      put: (w) =>
        asGiven(
          () => [['linkinfo', '']],
          () => ifinfmsg.write(w, ask),
        ),
    },
    def: ifinfmsg,
    row: RTM.RTM_NEWLINK,
    wanted: typeof filter === 'function' ? filter : matcher(ifinfmsg, match),
  };
}
