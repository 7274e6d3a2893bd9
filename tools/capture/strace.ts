import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Message, splitMessages } from './message.js';

/** One datagram of a netlink socket. */
export interface Datagram {
  /** NETLINK_ROUTE is 0. */
  protocol: number;
  bytes: Buffer;
}

type Exchange = { direction: 'request' | 'reply'; message: Message }[];

/** What one command said to the kernel, in order, and how it ended. */
export interface Trace {
  exit: number;
  stdout: string;
  stderr: string;
  /** Over its first socket of the protocol: iproute2 opens further ones to look up names. */
  exchange: Exchange;
  /** Over all of them. */
  datagrams: Datagram[];
}

const AF_NETLINK = 16;
const MSG_PEEK = 2;

/** Arguments with which strace runs a command (no shell). */
export function straceArgs(command: string, logFile: string): string[] {
  const calls = 'trace=socket,close,sendmsg,sendto,recvmsg,recvfrom';
  const args = ['-e', calls, '-e', 'raw=all', '-e', 'read=all', '-e', 'write=all', '-o', logFile, '--'];
  return [...args, ...command.split(' ')];
}

/** Runs a command (no shell) under strace and returns its netlink conversation, byte for byte. */
export function traced(command: string, logFile: string, protocol = 0): Trace {
  const run = spawnSync('strace', straceArgs(command, logFile), { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.error) throw run.error;
  return {
    exit: run.status ?? -1,
    stdout: run.stdout,
    stderr: run.stderr,
    ...conversationIn(readFileSync(logFile, 'latin1'), protocol),
  };
}

interface Call extends Datagram {
  direction: 'request' | 'reply';
  own: boolean;
}

/** The conversation in a log of strace. */
export function conversationIn(log: string, protocol = 0): Pick<Trace, 'exchange' | 'datagrams'> {
  const calls = sendsAndReceives(log, protocol);
  const exchange = calls
    .filter(({ own }) => own)
    .flatMap(({ direction, bytes }) => splitMessages(bytes).map((message) => ({ direction, message })));
  return { exchange, datagrams: calls.map(({ protocol, bytes }) => ({ protocol, bytes })) };
}

function sendsAndReceives(log: string, protocol: number): Call[] {
  const calls: Call[] = [];
  const sockets = new Map<number, { protocol: number; own: boolean }>();
  let opened = false;
  let pending: (Omit<Call, 'bytes'> & { length: number; hex: string }) | undefined;

  const flush = (): void => {
    if (pending && pending.length > 0) {
      const { length, hex, ...call } = pending;
      const bytes = Buffer.from(hex, 'hex').subarray(0, length);
      if (bytes.length < length) throw new Error('strace dumped fewer bytes than the call returned');
      calls.push({ ...call, bytes });
    }
    pending = undefined;
  };

  for (const line of log.split('\n')) {
    // " | 00010  00 00 ...  00 00  text |": 49 columns of hexadecimal after the offset.
    const dump = /^ \| [0-9a-f]+ /.exec(line);
    if (dump) {
      if (pending) pending.hex += line.slice(dump[0].length + 1, dump[0].length + 50).replace(/ /g, '');
      continue;
    }
    const call = /^(\w+)\(([^)]*)\)\s+= (-?\w+)/.exec(line);
    if (!call) continue;
    flush();
    const [, name = '', argText = '', result = ''] = call;
    const args = argText.split(', ').map(Number);
    const [fd = -1] = args;
    const value = Number(result);
    if (name === 'socket') {
      if (fd !== AF_NETLINK || value < 0) continue;
      const own: boolean = args[2] === protocol && !opened;
      opened ||= own;
      sockets.set(value, { protocol: args[2] ?? -1, own });
      continue;
    }
    const socket = sockets.get(fd);
    if (name === 'close') sockets.delete(fd);
    if (!socket || !(value > 0) || name === 'close') continue;
    const sent = name.startsWith('send');
    const flags = (name === 'sendto' || name === 'recvfrom' ? args[3] : args[2]) ?? 0;
    if (!sent && flags & MSG_PEEK) continue;
    pending = { direction: sent ? 'request' : 'reply', ...socket, length: value, hex: '' };
  }
  flush();
  return calls;
}
