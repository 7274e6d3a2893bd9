/** The library's clock in a test's hand. It takes `process.hrtime` when it is loaded, so this is to be imported before it. */
import type { Test } from 'tap';

const { hrtime } = process;
let step: number | undefined;
let looks = 0;
const look = (): [number, number] => (step === undefined ? hrtime() : [0, step * 1e6 * ++looks]);
process.hrtime = Object.assign(look, { bigint: () => hrtime.bigint() });

/** Until the test ends, the clock goes forward only by being looked at, by so many milliseconds each time. */
export function stepClock(t: Test, ms: number): void {
  step = ms;
  t.teardown(() => {
    step = undefined;
  });
}
