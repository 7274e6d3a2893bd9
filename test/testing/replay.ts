/** Recorded exchanges, sent to the fake kernel again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeKernel } from '../../src/testing/kernel.js';
import { META_HEAD, META_STRIDE, type Transport } from '../../src/transport/transport.js';
import type { Exchange } from '../../tools/exchanges/recorder.js';
import { difference, root } from './compare.js';

export const scenes = (): { scene: string; rows: Exchange[] }[] =>
  readdirSync(join(root, 'exchanges'))
    .filter((f) => f.endsWith('.json'))
    .sort()
    .map((f) => ({
      scene: f.replace('.json', ''),
      rows: JSON.parse(readFileSync(join(root, 'exchanges', f), 'utf8')) as Exchange[],
    }));

const SOL_NETLINK = 270;
const GROUPS = [1, 3, 5, 7, 8, 9, 11, 19, 32];

const area = new Uint8Array(1 << 20);
const meta = new Int32Array(META_HEAD + META_STRIDE * 1024);

/** All messages that wait at a socket. */
function messages(transport: Transport): string[] {
  const list: string[] = [];
  do {
    transport.receive(area, meta, 1 << 19, 5000);
    for (let i = 0, m = META_HEAD; i < meta[1]!; i++, m += META_STRIDE) {
      const data = Buffer.from(area.subarray(meta[m]!, meta[m]! + meta[m + 1]!));
      for (let p = 0; p + 16 <= data.length; p += (data.readUInt32LE(p) + 3) & ~3)
        list.push(data.subarray(p, p + data.readUInt32LE(p)).toString('hex'));
    }
  } while (meta[0] === 0);
  return list;
}

/** Sends the requests of a scene; what differs, row by row. */
export function replay(rows: readonly Exchange[]): { row: Exchange; lines: string[] }[] {
  const kernel = new FakeKernel();
  const listeners = new Map<string, Transport>();
  const listen = (netns: string): void => {
    const transport = kernel.open(0, netns === '' ? {} : { netns });
    transport.setOption(1, 33, 4 << 20);
    for (const group of GROUPS) transport.join(group);
    listeners.set(netns, transport);
  };
  listen('');
  for (const { netns, fds } of rows) {
    for (const name of [netns ?? '', ...Object.values(fds ?? {})]) {
      if (listeners.has(name)) continue;
      kernel.addNetns(name);
      listen(name);
    }
    for (const [fd, name] of Object.entries(fds ?? {})) kernel.aliasNetns(Number(fd), name);
  }
  const wrong: { row: Exchange; lines: string[] }[] = [];
  const pending = new Map<string, { wanted: string[]; found: string[] }>();
  for (const [i, row] of rows.entries()) {
    const { capAck, extAck, strict } = row.options ?? { capAck: true, extAck: true, strict: true };
    const socket = kernel.open(0, row.netns === undefined ? {} : { netns: row.netns });
    for (const [option, on] of [
      [10, capAck],
      [11, extAck],
      [12, strict],
    ] as const)
      socket.setOption(SOL_NETLINK, option, on ? 1 : 0);
    socket.send(Buffer.from(row.request, 'hex'));
    const replies = messages(socket);
    socket.close();
    kernel.settle();
    const lines = difference(row.replies, replies);
    const last = rows[i + 1]?.command !== row.command;
    for (const [netns, listener] of listeners) {
      const told = pending.get(netns) ?? { wanted: [], found: [] };
      pending.set(netns, told);
      told.wanted.push(...(row.events?.[netns] ?? []));
      told.found.push(...messages(listener));
      // What one call did in several requests was listened to once.
      if (!last) continue;
      pending.delete(netns);
      const where = `event${netns && ` in ${netns}`}`;
      lines.push(...difference(told.wanted, told.found).map((line) => `${where}: ${line}`));
    }
    if (lines.length > 0) wrong.push({ row, lines });
  }
  return wrong;
}
