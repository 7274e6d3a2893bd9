/** Ports of bridges. */

import { announceLink, announcePort } from './announce.js';
import { E, refuse } from './errno.js';
import { ages, flushFdb, ownFdb } from './fdb.js';
import { portOptions, setOption } from './kinds.js';
import type { Link } from './link.js';
import { IFF, RTM } from './numbers.js';
import { optionOf } from './options.js';
import type { Attrs } from './wire.js';

// Options of a port: the bridge it takes for the root, and the one that it hears; its own number, twice as an id.
const PORT_STATE = 1;
const PORT_PRIORITY = 2;
const PORT_COST = 3;
const PORT_ROOT = 13;
const PORT_BRIDGE = 14;
const PORT_DESIGNATED = 15;
const PORT_ID = 17;
const PORT_NUMBER = 18;
/** Options of a bridge: identity of the root, and its own. */
const BRIDGE_IDS = [10, 11] as const;
const NETDEV_FEAT_CHANGE = 2;

const identity = (bridge: Link): Uint8Array => Uint8Array.from([0x80, 0, ...bridge.address]);

/** A bridge's identity follows its address. */
export function identify(bridge: Link): void {
  if (bridge.options === undefined) return;
  for (const type of BRIDGE_IDS) bridge.options = setOption(bridge.options, type, identity(bridge));
  for (const port of portsOf(bridge))
    for (const type of [PORT_ROOT, PORT_BRIDGE]) port.port = setOption(port.port!, type, identity(bridge));
}

const portsOf = (bridge: Link): Link[] => [...bridge.ns.links.values()].filter(({ master }) => master === bridge);

/** Numbers of ports count from 1. */
function freeNumber(bridge: Link): number {
  const taken = new Set(portsOf(bridge).map(({ portNumber }) => portNumber));
  for (let i = 1; ; i++) if (!taken.has(i)) return i;
}

const featuresChanged = (bridge: Link): void => announceLink(bridge, { event: NETDEV_FEAT_CHANGE });

/** Throws what is wrong with options of a port. */
export function checkPort(given: Attrs): void {
  const state = given.u8(PORT_STATE);
  if (state !== undefined && state > BLOCKING) refuse(E.INVAL);
  const cost = given.u32(PORT_COST);
  if (cost !== undefined && (cost < 1 || cost > 65535)) refuse(E.RANGE);
  const priority = given.u16(PORT_PRIORITY);
  if (priority !== undefined && priority > 63) refuse(E.RANGE);
}

/** Makes a link a port of a bridge. Throws a Refusal. */
export function enslave(link: Link, bridge: Link, setCarrier: SetCarrier): void {
  if (bridge.kind.name !== 'bridge') refuse(E.OPNOTSUPP);
  if (link.loopback) refuse(E.INVAL);
  if (link.kind.name === 'bridge') refuse(E.LOOP, 'Can not enslave a bridge to a bridge');
  const no = freeNumber(bridge);
  link.master = bridge;
  link.portNumber = no;
  let options = portOptions();
  for (const type of [PORT_ROOT, PORT_BRIDGE]) options = setOption(options, type, identity(bridge));
  for (const type of [PORT_DESIGNATED, PORT_ID]) options = setOption(options, type, Uint8Array.of(no & 0xff, 0x80));
  link.port = setOption(options, PORT_NUMBER, Uint8Array.of(no, 0));
  link.ns.changes.links++;
  link.allmulti++;
  announceLink(link);
  link.promiscuity++;
  announceLink(link, { change: IFF.PROMISC });
  featuresChanged(bridge);
  bridge.tsoMaxSize = Math.min(...portsOf(bridge).map(({ tsoMaxSize }) => tsoMaxSize));
  ownFdb(link, bridge);
  announcePort(link);
  portFollows(link, setCarrier);
}

const DISABLED = 0;
const FORWARDING = 3;
const BLOCKING = 4;

type SetCarrier = (link: Link, carrier: boolean) => void;

const forwards = ({ port }: Link): boolean => port !== undefined && optionOf(port, PORT_STATE)?.[0] === FORWARDING;

/** A bridge has a carrier while one of its ports forwards. */
const bridgeCarrier = (bridge: Link, setCarrier: SetCarrier): void =>
  setCarrier(bridge, portsOf(bridge).some(forwards));

/** A port forwards while it and its bridge are up and it has a carrier: it begins, or ends, and tells so. */
export function portFollows(link: Link, setCarrier: SetCarrier): void {
  const bridge = link.master;
  if (bridge === undefined || link.port === undefined) return;
  const wanted = link.up && link.carrier && bridge.up && link.operational;
  if (wanted === forwards(link)) return;
  link.port = setOption(link.port, PORT_STATE, Uint8Array.of(wanted ? FORWARDING : DISABLED));
  announcePort(link);
  if (wanted) announcePort(link);
  else forgetLearned(link);
  bridgeCarrier(bridge, setCarrier);
}

/** Entries that age go with what a port can reach. */
const forgetLearned = (link: Link): void =>
  flushFdb(link.ns, (entry) => entry.link === link && entry.master !== undefined && ages(entry));

/** Takes a port out of its bridge. */
export function leave(link: Link, setCarrier: SetCarrier): void {
  const bridge = link.master;
  if (bridge === undefined) return;
  link.promiscuity--;
  link.allmulti--;
  announceLink(link, { change: IFF.PROMISC });
  if (forwards(link)) {
    link.port = setOption(link.port!, PORT_STATE, Uint8Array.of(DISABLED));
    announcePort(link);
    forgetLearned(link);
  } else announcePort(link);
  announcePort(link, RTM.DELLINK);
  flushFdb(link.ns, (entry) => entry.link === link && entry.master !== undefined);
  link.master = undefined;
  link.port = undefined;
  link.ns.changes.links++;
  announceLink(link);
  if (bridge.dying) return;
  bridgeCarrier(bridge, setCarrier);
  featuresChanged(bridge);
}
