/** Makes a call that must be refused, and sees what it did besides. */
import { readdirSync } from 'node:fs';
import { InputError, type IPRoute } from '../../src/index.js';
import type { Call, Loose } from './calls.js';
import { Recorder } from './recorder.js';

const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** The error's code and field, and what was sent, opened and left open: nothing, when all is well. */
export async function refused(call: Call): Promise<{ found: unknown; sent: number; opened: number; leaked: number }> {
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  const before = descriptors();
  const sockets = recorder.opened.length;
  let found: unknown = 'nothing was thrown';
  try {
    const given = call(ipr as Loose<IPRoute>, recorder);
    // A stream throws when it is made, or when it is read.
    const promise =
      typeof (given as Promise<unknown>)?.then === 'function' ? (given as Promise<unknown>) : Promise.resolve();
    await Promise.race([promise, new Promise((resolve) => setImmediate(resolve))]);
  } catch (error) {
    found = error instanceof InputError ? { code: error.code, field: error.field } : error;
    if (error instanceof InputError && error.message !== `${error.field}: ${error.reason}`) found = error.message;
  }
  let leaked = descriptors() - before;
  // Other parts of the process may have a file open for a moment.
  for (let tries = 0; leaked > 0 && tries < 10; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    leaked = descriptors() - before;
  }
  await ipr.close();
  return { found, sent: recorder.sent.length, opened: recorder.opened.length - sockets, leaked };
}
