import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dumpsOf } from './dumps.js';
import { attributesIn, attributesStart, type Message, objectOf } from './message.js';
import type { Area } from './scene.js';

/** Any JSON value that `ip -j` printed. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const ADDR_SHOWDUMP_MAGIC = 0x47361222;
const IFLA_TXQLEN = 13;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const RTA_MULTIPATH = 9;
const RTA_ENCAP = 22;
const AF_BRIDGE = 7;
const AF_INET6 = 10;
const RTM_F_CLONED = 0x200;

/** The dump that prints a message, by its type, for objects that have only one. */
const DUMPS: Readonly<Record<number, string>> = {
  64: 'ip -j -s ntable show',
  72: 'ip -j addrlabel show',
  73: 'ip -j addrlabel show',
  80: 'ip -j netconf show',
  81: 'ip -j netconf show',
  120: 'bridge -j -s vni show',
  121: 'bridge -j -s vni show',
};

const NTF_PROXY = 8;

/** The dump that prints a neighbour, a forwarding entry or a rule. */
function dumpOf({ type, bytes }: Message): string | undefined {
  const family = bytes[16] ?? 0;
  if (type === 28 || type === 29) {
    if (family === AF_BRIDGE) return 'bridge -j -d -s fdb show';
    return `ip -j -s neigh show ${(bytes[26] ?? 0) & NTF_PROXY ? 'proxy' : 'nud all'}`;
  }
  if (type === 32 || type === 33) return `ip -j -d ${family === AF_INET6 ? '-6' : '-4'} rule show`;
  return DUMPS[type];
}

/**
 * What iproute2 itself reads from exactly these bytes, or null where it has no way to print them as JSON.
 * Must run in the namespace of the capture, while the links that the message mentions still exist.
 */
export function witnessOf(message: Message, area: Area, replayLibrary: string, file: string): Json {
  const object = objectOf(message.type);
  const dump = dumpOf(message);
  if (dump !== undefined) {
    writeFileSync(file, message.bytes);
    return first(print(dump, { LD_PRELOAD: replayLibrary, REPLAY_FILE: file }));
  }
  const dumps = dumpsOf(message, area);
  if (dumps !== undefined) {
    writeFileSync(file, message.bytes);
    const shown = dumps.map(([command, type, family]) =>
      first(
        print(command, {
          LD_PRELOAD: replayLibrary,
          REPLAY_FILE: file,
          REPLAY_TYPE: String(type),
          REPLAY_FAMILY: String(family),
        }),
      ),
    );
    return empty(shown) ? null : shown.length === 1 ? shown[0]! : shown;
  }
  const isObject = message.type % 4 <= 1 && object !== 'other' && message.type < 28;
  if (!isObject) return null;
  if (object === 'addr') {
    const magic = Buffer.alloc(4);
    magic.writeUInt32LE(ADDR_SHOWDUMP_MAGIC);
    writeFileSync(file, Buffer.concat([magic, padded(message.bytes)]));
    const [shown] = print(`ip -j -d -s addr showdump < ${file}`, {});
    return first((shown as { addr_info?: Json[] } | undefined)?.addr_info);
  }
  writeFileSync(file, object === 'link' ? withKindEnded(message) : withEncapRead(message));
  const env = { LD_PRELOAD: replayLibrary, REPLAY_FILE: file };
  const family = message.bytes[16] ?? 0;
  if (object === 'link') {
    const shown = first(print(family === AF_BRIDGE ? 'bridge -j -d link show' : 'ip -j -d -s link show', env));
    return withoutGuesses(shown, message);
  }
  const cloned = (message.bytes.readUInt32LE(24) & RTM_F_CLONED) !== 0;
  // `table all` alone means IPv4.
  return first(print(`ip -j -d -s ${family === 10 ? '-6' : '-4'} route show table ${cloned ? 'cache' : 'all'}`, env));
}

/**
 * iproute2 sends the name of a kind without a zero at its end, but reads on to one: a name of four or eight letters
 * would run into the next attribute, and no options would be read. So the name gets its zero first.
 */
function withKindEnded(message: Message): Buffer {
  const { bytes, type, length } = message;
  const info = attributesIn(bytes, attributesStart(type), length)?.find((a) => a.id === IFLA_LINKINFO);
  const kind = info && attributesIn(bytes, info.start, info.end)?.find((a) => a.id === IFLA_INFO_KIND);
  if (info === undefined || kind === undefined || bytes[kind.end - 1] === 0 || (kind.end - kind.start) % 4 !== 0)
    return bytes;
  const longer = Buffer.concat([bytes.subarray(0, kind.end), Buffer.alloc(4), bytes.subarray(kind.end)]);
  longer.writeUInt32LE(longer.readUInt32LE(0) + 4, 0);
  longer.writeUInt16LE(longer.readUInt16LE(info.start - 4) + 4, info.start - 4);
  longer.writeUInt16LE(longer.readUInt16LE(kind.start - 4) + 1, kind.start - 4);
  return longer;
}

/**
 * The kernel sends RTA_ENCAP without the flag of nests, iproute2 with it, and iproute2 does not read it with the flag:
 * so a request loses it first, in next hops too.
 */
function withEncapRead(message: Message): Buffer {
  const bytes = Buffer.from(message.bytes);
  const plain = (from: number, to: number): void => {
    for (const a of attributesIn(bytes, from, to) ?? []) {
      if (a.id === RTA_ENCAP) bytes.writeUInt16LE(RTA_ENCAP, a.start - 2);
      if (a.id === RTA_MULTIPATH)
        for (let at = a.start; a.end - at >= 8; at += (bytes.readUInt16LE(at) + 3) & ~3)
          plain(at + 8, at + bytes.readUInt16LE(at));
    }
  };
  plain(attributesStart(message.type), message.length);
  return bytes;
}

function print(command: string, env: Record<string, string>): Json[] {
  const run = spawnSync('/bin/sh', ['-c', `exec ${command}`], { encoding: 'utf8', env: { ...process.env, ...env } });
  if (run.status !== 0 && run.status !== null && !run.stdout) return [];
  try {
    const value = JSON.parse(run.stdout) as Json;
    return Array.isArray(value) ? value.filter((v) => v !== null && Object.keys(v).length > 0) : [value];
  } catch {
    return [];
  }
}

/** Whether nothing was printed, or only what is printed of nothing. */
function empty(shown: readonly Json[]): boolean {
  return shown.every((value) => value === null || JSON.stringify(value) === '{"mdb":[],"router":{}}');
}

function first(values: Json[] | undefined): Json {
  return values?.[0] ?? null;
}

// Without IFLA_TXQLEN iproute2 asks the interface by ioctl: that is not in these bytes.
function withoutGuesses(shown: Json, message: Message): Json {
  if (shown === null || typeof shown !== 'object' || Array.isArray(shown)) return shown;
  const attributes = attributesIn(message.bytes, attributesStart(message.type), message.length) ?? [];
  if (attributes.some((a) => a.id === IFLA_TXQLEN)) return shown;
  const { txqlen: _, ...rest } = shown;
  return rest;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
