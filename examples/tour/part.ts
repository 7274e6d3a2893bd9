/**
 * Parts of the tour run in processes of their own: the first because a kernel that hangs cannot be interrupted from
 * within, the second because its namespace must end with it, whatever happens.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { terminal } from './print.js';

/** What a part tells: that it is about to begin, that it lacks a right, that the kernel lacks something. */
export interface Report {
  began?: true;
  denied?: string;
  lacks?: string;
}

export interface Outcome {
  /** Exit status; undefined when it did not end in time. */
  status: number | undefined;
  /** Whether the part's own code was reached. */
  began: boolean;
  denied: string | undefined;
  lacks: string | undefined;
  /** What it wrote to stderr, or why it could not be started. */
  stderr: string;
}

let running: ChildProcess | undefined;
/** The status after a signal: 130 for SIGINT. */
let interrupted: number | undefined;

function interrupt(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
  interrupted = 128 + constants.signals[signal];
  if (running === undefined) process.exit(interrupted);
  // A process that hangs in the kernel does not end even so; then this one does not wait for it.
  running.kill('SIGKILL');
  setTimeout(() => leave(), 2000).unref();
}

function leave(): never {
  process.stdout.write('\nInterrupted. Nothing is left behind: the namespace has gone with its process.\n');
  process.exit(interrupted);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));

/** Runs a part to its end, or until nothing has come of it for `limit` milliseconds after it began. */
export function runPart(command: string, args: readonly string[], limit: number): Promise<Outcome> {
  return new Promise((resolve) => {
    // Own pipes: a process that never ends must not hold this one's output open.
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...terminal() },
    });
    running = child;
    const outcome: Outcome = { status: undefined, began: false, denied: undefined, lacks: undefined, stderr: '' };
    // Starting may take long on a slow machine; the limit is for the kernel's answers.
    let timer = setTimeout(() => end(undefined), Math.max(limit, 60_000));
    const end = (status: number | undefined): void => {
      clearTimeout(timer);
      running = undefined;
      if (interrupted !== undefined) leave();
      if (status === undefined) {
        child.kill('SIGKILL');
        for (const part of [child.stdout, child.stderr]) part?.destroy();
        if (child.connected) child.disconnect();
        child.unref();
      }
      resolve({ ...outcome, status });
    };
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => end(undefined), limit);
    };
    child.on('message', (report: Report) => {
      if (report.began) outcome.began = true;
      outcome.denied ??= report.denied;
      outcome.lacks ??= report.lacks;
      watch();
    });
    child.stdout?.on('data', (text: Buffer) => {
      process.stdout.write(text);
      watch();
    });
    child.stderr?.on('data', (text: Buffer) => {
      outcome.stderr += text;
    });
    child.on('error', (error) => {
      outcome.stderr += error.message;
      end(127);
    });
    child.on('close', (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** Tells the first process something, and waits until it is said. */
export function report(what: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(what, () => resolve());
  });
}

const orphaned = (): never => process.exit(1);

/** Ends this part when the first process has gone. */
export function followParent(): void {
  process.on('disconnect', orphaned);
  process.channel?.unref();
}

/** Lets this part end by itself. */
export function unfollowParent(): void {
  process.off('disconnect', orphaned);
  if (process.connected) process.disconnect();
}
