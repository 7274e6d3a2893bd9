/** Time, without the modules that Node.js loads for `performance` and `node:timers/promises`, which a start would wait for. */

const { hrtime } = process;

/** Milliseconds on a clock that only goes forward. */
export function now(): number {
  // By their places: to take an array apart is to iterate.
  const time = hrtime();
  return time[0] * 1e3 + time[1] / 1e6;
}

/** Resolves to `value` after so many milliseconds. */
export const pause = <T>(ms: number, value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, ms, value));
