/** Dumps: the rows of a table in datagrams, made one after the other while they are read. */
import { NLM_F_DUMP_INTR, NLMSG_DONE } from '../codec/header.js';
import type { Context, Dump, DumpRow } from './context.js';
import { NLM } from './numbers.js';
import type { RunningDump } from './socket.js';
import { message } from './wire.js';

/** How a dump is cut into datagrams, and what goes wrong with it. */
export interface DumpPlan {
  /** Bytes of a datagram. */
  bytes: number;
  /** Marks what comes from now on as interrupted. */
  interrupted?: boolean;
  /** Ends with this error. */
  errno?: number;
  /** Called before each datagram is made. */
  before?: () => void;
}

/** Whether an id comes after another. */
function after(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! > (b[i] ?? Number.NEGATIVE_INFINITY);
  return false;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const size = (b: Uint8Array): number => (b.length + 3) & ~3;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + size(part), 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += size(part);
  }
  return whole;
}

/** Bytes of NLMSG_DONE. */
const DONE_SIZE = 20;

/** A dump under way. */
export function runDump(c: Context, dump: Dump, plan: DumpPlan): RunningDump {
  const { ns, cause } = c;
  const count = (): number => (dump.marked === undefined ? 0 : ns.changes[dump.marked]);
  const began = count();
  let position = 0;
  let last: readonly number[] | undefined;
  let ended = false;

  /** What is left: behind the last row, or from a position on where rows have no ids. */
  const rest = (): DumpRow[] => {
    const rows = dump.rows();
    return rows[0]?.id === undefined
      ? rows.slice(position)
      : rows.filter(({ id }) => last === undefined || after(id ?? [], last));
  };

  return {
    next() {
      if (ended) return undefined;
      plan.before?.();
      const marks = plan.interrupted === true || count() !== began ? NLM_F_DUMP_INTR : 0;
      const flags = NLM.MULTI | (dump.rowFlags ?? 0) | marks;
      const parts: Uint8Array[] = [];
      let size = 0;
      for (const row of rest()) {
        const data = message(row.type, flags, cause, row.fill);
        if (parts.length > 0 && size + data.length > plan.bytes) return concat(parts);
        parts.push(data);
        size += (data.length + 3) & ~3;
        position++;
        last = row.id;
      }
      if (parts.length > 0 && size + DONE_SIZE > plan.bytes) return concat(parts);
      ended = true;
      const errno = plan.errno ?? dump.done?.errno ?? 0;
      const words = c.socket.extended ? dump.done?.words : undefined;
      const doneFlags = NLM.MULTI | (dump.doneFlags ?? 0) | marks | (words === undefined ? 0 : 0x200);
      parts.push(
        message(NLMSG_DONE, doneFlags, cause, (m) => {
          m.head([4, -errno]);
          if (words !== undefined) m.str(1, words);
        }),
      );
      return concat(parts);
    },
  };
}
