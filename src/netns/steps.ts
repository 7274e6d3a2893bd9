/**
 * What takes several system calls, written once as a generator that yields them: run at once for constructors, which
 * cannot wait, or with the event loop going on in between for everything else.
 */
import { pause } from '../netlink/clock.js';
import { type NativeCall, nativeCall } from '../transport/native.js';

/** A call of the addon, or a pause in milliseconds. */
export type Step = NativeCall | number;

/** Yields steps, is given what each of them gave, and returns the outcome. */
export type Steps<T> = Generator<Step, T, string>;

function rest(ms: number): string {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return '';
}

/** Runs all steps before it returns; the event loop stands still. */
export function runNow<T>(steps: Steps<T>): T {
  let next = steps.next();
  while (next.done !== true) {
    let given: string;
    try {
      given = typeof next.value === 'number' ? rest(next.value) : nativeCall(next.value, false);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(given);
  }
  return next.value;
}

/** Runs the steps while the event loop goes on. */
export async function runLater<T>(steps: Steps<T>): Promise<T> {
  let next = steps.next();
  while (next.done !== true) {
    let given: string;
    try {
      given = typeof next.value === 'number' ? await pause(next.value, '') : await nativeCall(next.value, true);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(given);
  }
  return next.value;
}
