import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dumpsOf } from './dumps.js';
import { attributesIn, attributesStart, type Message, objectOf } from './message.js';
import type { Area } from './scene.js';

/** Any JSON value that `ip -j` printed. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const ADDR_SHOWDUMP_MAGIC = 0x47361222;
const IFLA_TXQLEN = 13;
const AF_BRIDGE = 7;
const RTM_F_CLONED = 0x200;

/**
 * What iproute2 itself reads from exactly these bytes, or null where it has no way to print them as JSON.
 * Must run in the namespace of the capture, while the links that the message mentions still exist.
 */
export function witnessOf(message: Message, area: Area, replayLibrary: string, file: string): Json {
  const object = objectOf(message.type);
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
  writeFileSync(file, message.bytes);
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
