import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { attributesIn, type Message } from './message.js';
import type { Row } from './row.js';
import { conversationIn, straceArgs, type Trace } from './strace.js';
import type { Json } from './witness.js';

export const NETLINK_GENERIC = 16;
const NLMSG_ERROR = 2;
const GENL_ID_CTRL = 16;

/** Commands by family and number: of requests and, where they are others, of what the kernel sends. */
const COMMANDS: Record<string, Record<number, string>> = {
  nlctrl: { 3: 'CTRL_CMD_GETFAMILY', 10: 'CTRL_CMD_GETPOLICY' },
  'from nlctrl': { 1: 'CTRL_CMD_NEWFAMILY', 2: 'CTRL_CMD_DELFAMILY', 10: 'CTRL_CMD_GETPOLICY' },
  mptcp_pm: {
    1: 'MPTCP_PM_CMD_ADD_ADDR',
    2: 'MPTCP_PM_CMD_DEL_ADDR',
    3: 'MPTCP_PM_CMD_GET_ADDR',
    4: 'MPTCP_PM_CMD_FLUSH_ADDRS',
    5: 'MPTCP_PM_CMD_SET_LIMITS',
    6: 'MPTCP_PM_CMD_GET_LIMITS',
    7: 'MPTCP_PM_CMD_SET_FLAGS',
  },
  mptcp_event: {
    1: 'MPTCP_EVENT_CREATED',
    2: 'MPTCP_EVENT_ESTABLISHED',
    3: 'MPTCP_EVENT_CLOSED',
    6: 'MPTCP_EVENT_ANNOUNCED',
    7: 'MPTCP_EVENT_REMOVED',
    10: 'MPTCP_EVENT_SUB_ESTABLISHED',
    11: 'MPTCP_EVENT_SUB_CLOSED',
    13: 'MPTCP_EVENT_SUB_PRIORITY',
    15: 'MPTCP_EVENT_LISTENER_CREATED',
    16: 'MPTCP_EVENT_LISTENER_CLOSED',
  },
};

/** Who wrote the bytes. */
interface Sources {
  iproute2: string;
  linux: string;
}

/** Families by number, as the conversation itself tells them. */
class Families {
  readonly #byId = new Map([[GENL_ID_CTRL, 'nlctrl']]);

  learn({ type, bytes }: Message): void {
    if (type !== GENL_ID_CTRL || bytes[16] !== 1) return;
    const attributes = attributesIn(bytes, 20, bytes.length) ?? [];
    const id = attributes.find((a) => a.id === 1);
    const name = attributes.find((a) => a.id === 2);
    if (id && name) this.#byId.set(bytes.readUInt16LE(id.start), bytes.toString('latin1', name.start, name.end - 1));
  }

  nameOf(type: number): string {
    return this.#byId.get(type) ?? String(type);
  }
}

const commandOf = (table: string, message: Message): string =>
  COMMANDS[table]?.[message.bytes[16]!] ?? String(message.bytes[16]);

/** What a command printed, in the pieces that belong to one message each. */
function pieces(stdout: string): Json[] {
  const text = stdout.trim();
  if (text.startsWith('[')) return JSON.parse(text) as Json[];
  return text
    .split(/\n(?=Name: |\tID: )/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

/** The rows of one command's conversation over generic netlink. */
export function genericRows(command: string, run: Trace, { iproute2, linux }: Sources): Row[] {
  const families = new Families();
  // `genl` asks nlctrl for what it prints; others ask it for their family only.
  const asked = command.startsWith('genl ') ? 'nlctrl' : undefined;
  const printed = pieces(run.stdout);
  const rows: Row[] = [];
  let request: Message | undefined;
  for (const { direction, message } of run.exchange) {
    families.learn(message);
    const hex = message.bytes.toString('hex');
    if (direction === 'request') {
      request = message;
      const family = families.nameOf(message.type);
      const type = commandOf(family, message);
      rows.push({
        name: '',
        source: iproute2,
        command,
        direction,
        type,
        family,
        hex,
        witness: null,
        args: command.split(' '),
      });
    } else if (message.type >= 16) {
      const family = families.nameOf(message.type);
      const type = commandOf(family === 'nlctrl' ? 'from nlctrl' : family, message);
      const witness = (asked === undefined) === (family === 'nlctrl') ? null : (printed.shift() ?? null);
      rows.push({ name: '', source: linux, command, direction, type, family, hex, witness });
    } else if (message.type === NLMSG_ERROR && message.bytes.readInt32LE(16) !== 0 && request !== undefined) {
      const witness = { exit: run.exit, stderr: run.stderr.trim() };
      const family = families.nameOf(request.type);
      const asked = request.bytes.toString('hex');
      rows.push({
        name: '',
        source: linux,
        command,
        direction,
        type: 'NLMSG_ERROR',
        family,
        hex,
        witness,
        request: asked,
      });
    }
  }
  return rows;
}

const wait = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** A command that prints events, one a line, and what it received. */
export class GenericMonitor {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #printed: string;

  constructor(
    private readonly command: string,
    file: string,
  ) {
    this.#log = `${file}.strace`;
    this.#printed = `${file}.stdout`;
    const out = openSync(this.#printed, 'w');
    // A terminal's line is printed when it is whole, a file's only when much has come.
    const line = `stdbuf -oL ${command}`;
    this.#child = spawn('strace', straceArgs(line, this.#log), { stdio: ['ignore', out, 'ignore'] });
    closeSync(out);
    // It listens a moment after the kernel told it the numbers of its groups.
    const told = (): boolean => existsSync(this.#log) && readFileSync(this.#log, 'latin1').includes('recvmsg');
    for (let tries = 0; tries < 100 && !told(); tries++) wait(50);
    wait(500);
  }

  /** Stops listening. Events and lines are of the same number and order. */
  take(linux: string): Row[] {
    wait(500);
    // strace ends with its command, and takes no signal itself.
    const { pid } = this.#child;
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()));
    wait(300);
    const families = new Families();
    const lines = readFileSync(this.#printed, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const rows: Row[] = [];
    for (const { direction, message } of conversationIn(readFileSync(this.#log, 'latin1'), NETLINK_GENERIC).exchange) {
      families.learn(message);
      if (direction !== 'reply' || message.type <= GENL_ID_CTRL) continue;
      const type = commandOf('mptcp_event', message);
      const hex = message.bytes.toString('hex');
      rows.push({
        name: type,
        source: linux,
        command: this.command,
        direction: 'event',
        type,
        family: 'mptcp_event',
        hex,
        witness: lines.shift() ?? null,
      });
    }
    if (lines.length > 0) throw new Error(`${this.command}: ${lines.length} lines without an event`);
    return rows;
  }
}
