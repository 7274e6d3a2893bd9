/** The recorders' files, as strace and nlmon.c write them, and the comparison of the two. */
import t from 'tap';
import { datagramsIn, disagreements } from '../../tools/capture/nlmon.js';
import { conversationIn } from '../../tools/capture/strace.js';

const GET = '20000000120001000100000000000000'.concat('00'.repeat(16));
const ANSWER = '24000000020000010100000007000000'.concat('ff'.repeat(20));

/** Lines of strace for one call: the call, then what it moved, 16 bytes a line. */
function strace(call: string, hex: string): string {
  const lines = (hex.match(/.{1,32}/g) ?? []).map((row, i) => {
    const bytes = row.match(/../g) ?? [];
    const columns = `${bytes.slice(0, 8).join(' ')}  ${bytes.slice(8).join(' ')}`.padEnd(49);
    return ` | ${(i * 16).toString(16).padStart(5, '0')}  ${columns} ${'.'.repeat(bytes.length)} |`;
  });
  return [`${call} = 0x${(hex.length / 2).toString(16)}`, ...lines].join('\n');
}

const LOG = [
  'socket(0x1, 0x80002, 0) = 0x3',
  'socket(0x10, 0x80003, 0) = 0x4',
  strace('sendto(0x3, 0x1, 0x20, 0, 0, 0)', '00'.repeat(32)),
  strace('sendto(0x4, 0x7ffe, 0x20, 0, 0, 0)', GET),
  strace('recvmsg(0x4, 0x7ffe, 0x22)', ANSWER),
  strace('recvmsg(0x4, 0x7ffe, 0)', ANSWER),
  'recvmsg(0x4, 0x7ffe, 0) = -0xb (errno 11)',
  'socket(0x10, 0x80003, 0x10) = 0x5',
  strace('sendmsg(0x5, 0x7ffe, 0)', GET),
  'close(0x4) = 0',
  'close(0x5) = 0',
  'socket(0x2, 0x80002, 0) = 0x5',
  strace('sendto(0x5, 0x1, 0x20, 0, 0, 0)', GET),
  '+++ exited with 0 +++',
].join('\n');

t.test('strace: the first netlink socket is the own one of the command, all of them are recorded', async (t) => {
  const { exchange, datagrams } = conversationIn(LOG);
  t.same(
    exchange.map(({ direction, message }) => [direction, message.bytes.toString('hex')]),
    [
      ['request', GET],
      ['reply', ANSWER],
    ],
  );
  t.same(
    datagrams.map(({ protocol, bytes }) => [protocol, bytes.toString('hex')]),
    [
      [0, GET],
      [0, ANSWER],
      [16, GET],
    ],
  );
});

t.test('strace: a dump that is shorter than the call is refused', async (t) => {
  const cut = LOG.split('\n').filter((line) => !line.startsWith(' | 00010'));
  t.throws(() => conversationIn(cut.join('\n')), /fewer bytes/);
});

/** A record of nlmon.c. */
function record(protocol: number, hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  const head = Buffer.alloc(8);
  head.writeUInt32LE(bytes.length, 0);
  head.writeUInt16LE(protocol, 4);
  head.writeUInt16LE(4, 6);
  return Buffer.concat([head, bytes]);
}

t.test('nlmon: records', async (t) => {
  const file = Buffer.concat([record(0, GET), record(0, ANSWER), record(16, GET)]);
  const found = datagramsIn(file);
  t.same(
    found.map(({ protocol, bytes }) => [protocol, bytes.toString('hex')]),
    conversationIn(LOG).datagrams.map(({ protocol, bytes }) => [protocol, bytes.toString('hex')]),
  );
  t.same(datagramsIn(record(0x86dd, ANSWER)), [], 'what the interface sends by itself');
  t.throws(() => datagramsIn(file.subarray(0, file.length - 1)), /cut off/);
});

t.test('comparison', async (t) => {
  const { datagrams: strace } = conversationIn(LOG);
  const differ = (...records: Buffer[]): string[] =>
    disagreements({ command: 'x', strace, nlmon: datagramsIn(Buffer.concat(records)) });
  t.same(differ(record(0, GET), record(0, ANSWER), record(16, GET)), []);
  t.same(differ(record(16, GET), record(0, ANSWER), record(0, GET)), [], 'the order among sockets is free');
  t.match(differ(record(0, GET), record(0, ANSWER)), [/protocol 16.*strace has 1 datagrams, nlmon 0/]);
  t.match(differ(record(0, GET), record(0, ANSWER), record(16, GET), record(0, GET)), [/strace has 1.*nlmon 2/]);
  t.match(differ(record(0, GET), record(0, ANSWER.replace(/ff$/, 'fe')), record(16, GET)), [/ff is \w+fe to nlmon$/]);
  t.match(differ(record(0, GET), record(0, `${ANSWER}00`), record(16, GET)), [/to nlmon$/]);
});
