import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Message, splitMessages } from './message.js';

/** What one command said to the kernel over its first socket of a netlink protocol, in order, and how it ended. */
export interface Trace {
  exit: number;
  stdout: string;
  stderr: string;
  exchange: { direction: 'request' | 'reply'; message: Message }[];
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
    exchange: exchangeIn(logFile, protocol),
  };
}

/**
 * The conversation that strace logged. Only the first socket of the protocol is the command's own; iproute2 opens
 * further ones to look up names.
 */
export function exchangeIn(logFile: string, protocol: number): Trace['exchange'] {
  const log = readFileSync(logFile, 'latin1');
  const exchange: Trace['exchange'] = [];
  let own: number | undefined;
  let pending: { direction: 'request' | 'reply'; length: number; hex: string } | undefined;

  const flush = (): void => {
    if (pending && pending.length > 0) {
      const bytes = Buffer.from(pending.hex, 'hex').subarray(0, pending.length);
      if (bytes.length < pending.length) throw new Error('strace dumped fewer bytes than the call returned');
      const { direction } = pending;
      for (const message of splitMessages(bytes)) exchange.push({ direction, message });
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
    const value = Number(result);
    if (name === 'socket' && args[0] === AF_NETLINK && args[2] === protocol) own ??= value;
    if (args[0] !== own || !(value > 0) || name === 'socket' || name === 'close') continue;
    const sent = name.startsWith('send');
    const flags = (name === 'sendto' || name === 'recvfrom' ? args[3] : args[2]) ?? 0;
    if (!sent && flags & MSG_PEEK) continue;
    pending = { direction: sent ? 'request' : 'reply', length: value, hex: '' };
  }
  flush();
  return exchange;
}
