/**
 * The loops that are counted: `node loops.js ROUTE LINK`, two messages in hexadecimal. Each loop runs until nothing is
 * compiled any more, then N times, then 2 N times. In between it asks for the system's uptime, a call at which
 * callgrind writes down what it counted (`--dump-before=uv_uptime`). It loads what it needs and nothing else.
 */
import { uptime } from 'node:os';
import { Bytes } from '../../src/codec/bytes.js';
import { ColumnBuilder } from '../../src/codec/columns.js';
import type { MessageDef } from '../../src/codec/message.js';
import type { Rec } from '../../src/codec/type.js';
import { viewer } from '../../src/codec/view.js';
import { Writer } from '../../src/codec/writer.js';
import type { IPRoute } from '../../src/iproute/iproute.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { ROUTE_COLUMNS, rtmsg } from '../../src/rtnl/rtmsg.js';
import type { Transport } from '../../src/transport/transport.js';
import { INERT } from '../transport/inert.js';

const HEADER = 16;
const [, , route = '', link = ''] = process.argv;

/** A message a thousand times over. */
function many(hex: string): { s: Bytes; at: (i: number) => number; n: number } {
  const message = Uint8Array.from(Buffer.from(hex, 'hex'));
  const stride = (message.length + 7) & ~7;
  const u8 = new Uint8Array(stride * 1000);
  for (let i = 0; i < 1000; i++) u8.set(message, i * stride);
  return { s: new Bytes(u8), at: (i) => (i % 1000) * stride + HEADER, n: message.length - HEADER };
}

const { s, at, n } = many(route);
const links = many(link);
const columns = new ColumnBuilder(rtmsg as unknown as MessageDef, ROUTE_COLUMNS);
const viewOf = viewer(rtmsg);
const w = new Writer(1 << 16);
const spec = { dst: '10.1.2.0/24', gateway: '10.255.0.2', oif: 7, priority: 100 };

/** Consents to every request: an acknowledgement (NLMSG_ERROR, NLM_F_CAPPED, errno 0) with its number. */
const ACK = new Uint8Array(new Uint32Array([36, 0x0100_0002]).buffer);
const consenting = (): Transport => ({
  ...INERT,
  protocol: 0,
  portid: 1,
  exchange(data, area, meta) {
    area.fill(0, 0, 36);
    area.set(ACK);
    for (let i = 8; i < 12; i++) area[i] = data[i]!;
    meta.set([0, 1, 0, 36, 0, -1]);
    return 1;
  },
  send: (data) => data.length,
  receive: () => 0,
  close() {},
});
let ipr: IPRoute | undefined;
// Time stands still, so that no request ends a turn of the event loop later.
process.hrtime = Object.assign((): [number, number] => [0, 1e6], { bigint: () => 1_000_000n });

/** Each by itself, so that none is compiled into another. */
const LOOPS: Readonly<Record<string, (count: number) => void | Promise<void>>> = {
  route(count) {
    for (let i = 0; i < count; i++) sink = rtmsg.read(s, at(i), n);
  },
  'any route'(count) {
    for (let i = 0; i < count; i++) sink = rtmsg.readAny(s, at(i), n);
  },
  column(count) {
    for (let i = 0; i < count; i++) columns.add(s, at(i), n);
  },
  view(count) {
    for (let i = 0; i < count; i++) {
      const view = viewOf(s, at(i), n);
      sink = [view.oif, view.gateway];
    }
  },
  write(count) {
    for (let i = 0; i < count; i++) {
      if (w.pos > 60_000) w.reset();
      rtmsg.write(w, spec as Rec);
    }
  },
  link(count) {
    for (let i = 0; i < count; i++) sink = ifinfmsg.read(links.s, links.at(i), links.n);
  },
  // The last, since it loads much.
  async awaited(count) {
    ipr ??= new (await import('../../src/iproute/iproute.js')).IPRoute({ transport: consenting });
    for (let i = 0; i < count; i++) await ipr.route('del', spec);
  },
};

/** Of those that take long, or leave more to the collector, which must not come in between. */
const FEWER: Readonly<Record<string, number>> = { link: 400, awaited: 2000 };

export let sink: unknown;
for (const [name, loop] of Object.entries(LOOPS)) {
  const count = FEWER[name] ?? 8000;
  // When V8 compiles differs between folders; of links most is copied, so that little is run.
  for (let i = 0; i < 30; i++) await loop(count);
  globalThis.gc?.({ type: 'minor' });
  uptime();
  await loop(count);
  uptime();
  await loop(2 * count);
  uptime();
  console.log(`${name}: ${count}`);
}
