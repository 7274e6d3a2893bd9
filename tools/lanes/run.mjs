/** Child processes of the lanes: output captured, a watchdog, nothing left running. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Runs a command. Resolves to `{ code, out, err, ms, timedOut }`, never rejects: a command that cannot be started
 * has code 127 and the reason in `err`. `onOut` sees standard output as it comes.
 */
export function run(command, args, { cwd = root, env, timeout = 600_000, onOut } = {}) {
  const started = performance.now();
  return new Promise((resolve) => {
    // A group of its own, so that the watchdog also ends what the command has started.
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let out = '';
    let err = '';
    let timedOut = false;
    const kill = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeout);
    process.once('exit', kill);
    const done = (code) => {
      clearTimeout(timer);
      process.removeListener('exit', kill);
      resolve({ code, out, err, ms: performance.now() - started, timedOut });
    };
    child.stdout.setEncoding('utf8').on('data', (d) => {
      out += d;
      onOut?.(d);
    });
    child.stderr.setEncoding('utf8').on('data', (d) => (err += d));
    child.on('error', (e) => {
      err += e.message;
      done(127);
    });
    child.on('close', (code, signal) => {
      if (signal && !timedOut) err += `\nended by ${signal}`;
      done(code ?? 128);
    });
  });
}

/** Whether a command succeeds. */
export async function succeeds(command, ...args) {
  return (await run(command, args, { timeout: 20_000 })).code === 0;
}

/** The last lines of a text, for a report. */
export function tail(text, lines = 30) {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
