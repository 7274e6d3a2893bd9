import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Message, splitMessages } from './message.js';

/** What one command said to the kernel over its first netlink socket, in order, and how it ended. */
export interface Trace {
  exit: number;
  stdout: string;
  stderr: string;
  exchange: { direction: 'request' | 'reply'; message: Message }[];
}

const AF_NETLINK = 16;
const MSG_PEEK = 2;

/** Runs a command (no shell) under strace and returns its netlink conversation, byte for byte. */
export function traced(command: string, logFile: string): Trace {
  const calls = 'trace=socket,close,sendmsg,sendto,recvmsg,recvfrom';
  const args = ['-e', calls, '-e', 'raw=all', '-e', 'read=all', '-e', 'write=all', '-o', logFile, '--'];
  const run = spawnSync('strace', [...args, ...command.split(' ')], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.error) throw run.error;
  return {
    exit: run.status ?? -1,
    stdout: run.stdout,
    stderr: run.stderr,
    exchange: parse(readFileSync(logFile, 'latin1')),
  };
}

// Only the first netlink socket is the command's own; iproute2 opens further ones to look up names.
function parse(log: string): Trace['exchange'] {
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
    if (name === 'socket' && args[0] === AF_NETLINK) own ??= value;
    if (args[0] !== own || !(value > 0) || name === 'socket' || name === 'close') continue;
    const sent = name.startsWith('send');
    const flags = (name === 'sendto' || name === 'recvfrom' ? args[3] : args[2]) ?? 0;
    if (!sent && flags & MSG_PEEK) continue;
    pending = { direction: sent ? 'request' : 'reply', length: value, hex: '' };
  }
  flush();
  return exchange;
}
