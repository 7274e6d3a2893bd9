/**
 * Keeps one route in place until SIGTERM or SIGINT: puts it back when somebody deletes or replaces it, and when it went
 * with its link or an address. docs/daemon.md says why it is made as it is. Try it where it does no harm
 * (`unshare -Urn`): `node .build/examples/daemon.js --dst 10.0.0.0/8 --gateway 192.0.2.2 --dev eth0 --remove`.
 */
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  DumpInterruptedError,
  IPRoute,
  NetlinkError,
  OutcomeUnknownError,
  OverrunError,
  RT_TABLE,
  rtmsg,
  TimeoutError,
} from 'tsroute2';
import { picture, type Row, type Wanted } from './daemon/picture.js';

export interface Keep {
  dst: string;
  dev: string;
  gateway?: string | undefined;
  /** Default: main. */
  table?: number | undefined;
  /** Take the route away at the end. */
  remove?: boolean | undefined;
  /** Receive buffer of the monitor in bytes. */
  rcvbuf?: number | undefined;
  /** Ends it. */
  signal: AbortSignal;
  log(line: string): void;
}

/** Milliseconds between two attempts: never less than `LEAST`, doubled up to `MOST` while they come to nothing. */
const LEAST = 100;
const MOST = 10_000;
const REMOVALS = 10;

const refused = (error: unknown, ...codes: string[]) => error instanceof NetlinkError && codes.includes(error.code);
/** What passes by itself: a kernel that is busy, a table in motion, an answer that was lost. */
const passes = (error: unknown) =>
  refused(error, 'EAGAIN', 'EBUSY', 'ENOBUFS', 'ENOMEM') ||
  [DumpInterruptedError, OutcomeUnknownError, OverrunError, TimeoutError].some((kind) => error instanceof kind);

/** The route as the kernel will say it: `10.0.0.1` is `10.0.0.1/32`, `2001:DB8::` is `2001:db8::/128`. */
function wanted({ dst, dev, gateway, table = RT_TABLE.main }: Keep): Wanted {
  const family = (dst === 'default' ? `${gateway}` : dst).includes(':') ? 'inet6' : 'inet';
  const { value } = new rtmsg(new rtmsg({ family, dst, gateway, table }).encode().buf).decode();
  return { family, dev, dst: value.dst, gateway: value.gateway, table: value.table };
}

/** Keeps the route until `signal` is aborted. Rejects with what does not pass: no permission, input that is wrong. */
export async function keepRoute(ipr: IPRoute, keep: Keep): Promise<void> {
  const { remove = false, rcvbuf, log } = keep;
  const want = wanted(keep);
  const { gateway, ...rest } = want;
  const spec = { ...rest, ...(gateway === undefined ? {} : { gateway }), protocol: 'static' } as const;
  const { dst, dev } = spec;
  const failed = new AbortController();
  const signal = AbortSignal.any([keep.signal, failed.signal]);
  const lost = (count: number) => log(`${count} events lost: reading again`);

  let rows: ReadonlyMap<string, Row> = new Map();
  let last = Number.NEGATIVE_INFINITY;
  let delay = LEAST;
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  let said = '';
  const say = (line: string) => {
    if (line !== said) log(line);
    said = line;
  };

  /** Puts the route in place if it is missing and the last attempt is long enough ago. */
  async function check(): Promise<void> {
    if (busy || signal.aborted) return;
    clearTimeout(timer);
    const link = rows.get('link');
    const there = [...rows.values()].some((row) => row !== link && row.good && row.index === link?.index);
    if (!link?.good || there) {
      delay = LEAST;
      return say(there ? `${dst} is in place` : `${dev} is ${link === undefined ? 'not there' : 'down'}: waiting`);
    }
    if (performance.now() >= last + delay) {
      delay = Math.min(2 * delay, MOST);
      last = performance.now();
      busy = true;
      try {
        log(`${dst}: ${await ipr.ensure('route', spec, { signal })}`);
        said = '';
      } catch (error) {
        if (signal.aborted) return;
        if (refused(error, 'EPERM') || !(error instanceof NetlinkError || passes(error))) return failed.abort(error);
        say(`${dst}: ${(error as Error).message}`);
      } finally {
        busy = false;
      }
    }
    // Until the picture has it: what was added may be gone again, and the events of both lost.
    timer = setTimeout(check, Math.max(0, last + delay - performance.now()));
  }

  /** Follows links and routes; when a table cannot be read now, from the start again. */
  async function follow(): Promise<void> {
    for (let pause = LEAST; ; pause = Math.min(2 * pause, MOST)) {
      try {
        const current = picture(ipr, want, { rcvbuf, signal, lost });
        for await (const { type } of current) {
          if (type === 'snapshot') [rows, pause] = [current.rows, LEAST];
          await check();
        }
        return;
      } catch (error) {
        if (!passes(error)) throw error;
        log(`not read: ${(error as Error).message}`);
        await sleep(pause, undefined, { signal });
      }
    }
  }

  try {
    await follow();
  } catch (error) {
    if (failed.signal.aborted) throw failed.signal.reason;
    if (!keep.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  for (let tries = 1; remove; tries++) {
    try {
      if (await ipr.ensureGone('route', spec)) log(`${dst}: removed`);
      return;
    } catch (error) {
      if (refused(error, 'ENODEV')) return;
      if (!passes(error) || tries === REMOVALS) throw error;
      await sleep(LEAST);
    }
  }
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { dst: text, dev: text, gateway: text, table: text, netns: text, rcvbuf: text };
  const { values } = parseArgs({ options: { ...options, remove: { type: 'boolean' } } });
  const { dst, dev, netns } = values;
  const number = (value: string | undefined) => (value === undefined ? undefined : Number(value));
  if (dst === undefined || dev === undefined) throw new TypeError('--dst and --dev are needed');
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  const ipr = new IPRoute(netns === undefined ? {} : { netns });
  try {
    const [table, rcvbuf] = [number(values.table), number(values.rcvbuf)];
    await keepRoute(ipr, { ...values, dst, dev, table, rcvbuf, signal: stop.signal, log: console.log });
    console.log('stopped');
  } finally {
    await ipr.close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href)
  await main();
