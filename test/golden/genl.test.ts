/**
 * Recorded conversations over generic netlink: decoded strictly, compared with what `genl` and `ip mptcp` printed of the
 * same bytes, and written back with the same attributes. Refusals name what iproute2 printed.
 */
import t from 'tap';
import { aligned } from '../../src/codec/bytes.js';
import { NLMSG_HDRLEN, readHeader } from '../../src/codec/header.js';
import type { MessageDef } from '../../src/codec/message.js';
import { Writer } from '../../src/codec/writer.js';
import { type Ctrl, ctrlmsg, nlctrl } from '../../src/genl/ctrl.js';
import type { GenlFamilyDef } from '../../src/genl/family.js';
import { type MptcpAddr, type MptcpEvent, mptcp_pm } from '../../src/genl/mptcp.js';
import { refusal } from '../../src/netlink/refusal.js';
import { lines, type Row, rows, type Shape } from '../rtnl/tlv.js';
import { endpointOf, eventLine, familyText, limitsText, policyLine } from '../witness/genl.js';

const all = rows('genl') as (Row & { family: string; request?: string })[];
const payload = (row: Row): Buffer => Buffer.from(row.hex, 'hex').subarray(NLMSG_HDRLEN);
const families: Record<string, GenlFamilyDef> = { nlctrl, mptcp_pm, mptcp_event: mptcp_pm };

/** The message of a row, as the family's own lookup finds it. (`ip mptcp endpoint show` asks with the number 0.) */
function found(row: (typeof all)[number]): { op: string; def: MessageDef; value: object } {
  const bytes = aligned(payload(row));
  const known = families[row.family]!.find(bytes, 0, row.direction === 'event' ? 0 : 1, row.direction === 'request');
  if (known === undefined) throw new Error(`${row.name}: no table`);
  return { ...known, value: known.def.read(bytes, 0, bytes.u8.length, true) };
}

/** Every `unknown` and `rest` in a message, by path. */
function leftovers(o: object, path = ''): string[] {
  return Object.entries(o).flatMap(([key, value]) => {
    if (key === 'unknown' || key === 'rest') return [`${path}${key}`];
    return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
      ? leftovers(value as object, `${path}${key}.`)
      : [];
  });
}

const messages = all.filter(({ type }) => type !== 'NLMSG_ERROR');

t.test('every message is decoded whole, under the name that it has', async (t) => {
  const bad: string[] = [];
  for (const row of messages) {
    const { op, value } = found(row);
    if (op !== row.type) bad.push(`${row.name}: ${op}, not ${row.type}`);
    bad.push(...leftovers(value).map((path) => `${row.name}: ${path}`));
  }
  t.same(bad, []);
  t.ok(messages.length > 150, `${messages.length} messages`);
});

t.test('what iproute2 printed', async (t) => {
  const counts: Record<string, number> = {};
  for (const row of messages) {
    const { witness } = row as { witness: unknown };
    if (witness === null) continue;
    const { op, value } = found(row);
    counts[op] = (counts[op] ?? 0) + 1;
    if (op === 'CTRL_CMD_NEWFAMILY') t.same(familyText(value as Ctrl), String(witness).split(/\s*\n\s*/), row.name);
    else if (op === 'CTRL_CMD_GETPOLICY') t.equal(policyLine(value as Ctrl), witness, row.name);
    else if (op === 'MPTCP_PM_CMD_GET_LIMITS') t.equal(limitsText(value), witness, row.name);
    else if (op === 'MPTCP_PM_CMD_GET_ADDR')
      t.same(endpointOf((value as { addr: MptcpAddr }).addr, new Map([[3, 'v0']])), witness, row.name);
    else t.equal(eventLine(op, value as MptcpEvent), witness, row.name);
  }
  t.comment(
    `figure: ${Object.entries(counts)
      .map(([op, n]) => `${n} ${op}`)
      .join(', ')}`,
  );
  t.ok((counts.CTRL_CMD_NEWFAMILY ?? 0) >= 8 && (counts.CTRL_CMD_GETPOLICY ?? 0) >= 80);
  t.ok((counts.MPTCP_PM_CMD_GET_ADDR ?? 0) >= 15 && (counts.MPTCP_PM_CMD_GET_LIMITS ?? 0) >= 4);
  t.equal(Object.keys(counts).filter((op) => op.startsWith('MPTCP_EVENT_')).length, 10, 'every event');
});

const ADDR: Shape = {};
const POLICY: Shape = { pads: [11] };
const any = (shape: Shape): Record<number, Shape> =>
  Object.fromEntries(Array.from({ length: 64 }, (_, i) => [i, shape]));
const SHAPES: Record<string, Shape> = {
  nlctrl: {
    header: 4,
    strings: [2],
    nests: {
      6: { nests: any({}) },
      7: { nests: any({ strings: [1] }) },
      8: { nests: any({ nests: any(POLICY) }) },
      9: { nests: any({}) },
    },
  },
  mptcp_pm: { header: 4, nests: { 1: ADDR, 6: ADDR } },
  mptcp_event: { header: 4 },
};

t.test('written back: the same attributes', async (t) => {
  const w = new Writer();
  for (const row of messages) {
    const { def, value } = found(row);
    const again = Buffer.from(def.encode(w, value));
    // Command and version are written by whoever sends.
    payload(row).copy(again, 0, 0, 2);
    t.same(lines(again, SHAPES[row.family]!), lines(payload(row), SHAPES[row.family]!), row.name);
  }
});

t.test('the message class keeps command and version', async (t) => {
  const row = messages.find(({ type }) => type === 'CTRL_CMD_NEWFAMILY')!;
  const m = new ctrlmsg(new Uint8Array(Buffer.from(row.hex, 'hex'))).decode({ strict: true });
  t.match(m.value, { cmd: 1, headerVersion: 2, familyName: 'nlctrl', version: 2, familyId: 16 });
  t.equal(m.get('CTRL_ATTR_FAMILY_NAME'), 'nlctrl');
  const again = new ctrlmsg(m.reset().encode().buf).decode({ strict: true });
  t.same(again.value, m.value);
  const ask = new ctrlmsg({ cmd: 3, headerVersion: 1, familyName: 'x' });
  t.same([...ask.encode().buf.subarray(16)], [3, 1, 0, 0, 6, 0, 2, 0, 120, 0, 0, 0]);
});

t.test('refusals', async (t) => {
  let named = 0;
  const errors = all.filter(({ type }) => type === 'NLMSG_ERROR');
  for (const row of errors) {
    const reply = aligned(new Uint8Array(Buffer.from(row.hex, 'hex')));
    const request = new Uint8Array(Buffer.from(row.request!, 'hex'));
    const header = readHeader(reply, 0, reply.u8.length);
    const known = families[row.family]!.find(aligned(request.slice(NLMSG_HDRLEN)), 0, 1, true)!;
    const asked = { ...known, bytes: request, seq: header.seq };
    const error = refusal(asked, reply, NLMSG_HDRLEN, header.len, header.flags, -reply.i32[NLMSG_HDRLEN >> 2]!);
    const { stderr } = row.witness as unknown as { stderr: string };
    const words = /^Error: (.*)\.$/m.exec(stderr)?.[1];
    if (words !== undefined) t.equal(error.kernelMessage, words, row.name);
    else t.match(stderr, { EPERM: /not permitted/, ENOENT: /No such file/ }[error.code] ?? /nothing/, row.name);
    if (error.attribute !== undefined) named++;
    if (/limits set/.test(row.name) && words !== undefined)
      t.equal(error.attribute, row.name.includes('subflows') ? 'subflows' : 'rcvAddAddrs', 'the attribute');
    if (/id 77/.test(row.name)) t.equal(error.attribute, 'addr');
  }
  t.ok(errors.length >= 9 && named >= 5, `${errors.length} refusals, ${named} with an attribute`);
});
