/** Lets the event loop run beside requests that are awaited one after the other. */
import { now } from './clock.js';

/** Milliseconds that they may go on without it. */
const TURN_MS = 5;

/**
 * An answer is mostly there when the request was sent, and a loop over awaited requests then never leaves the queue of
 * microtasks: no timer, signal or socket would be heard. So every few milliseconds one request ends a turn later.
 */
export class Turns {
  /** When the first request of this turn was sent; 0 before. */
  #since = 0;

  /** Whether it is time for the event loop. */
  #due(): boolean {
    const time = now();
    if (this.#since > 0) return time - this.#since >= TURN_MS;
    this.#since = time;
    setImmediate(() => {
      this.#since = 0;
    });
    return false;
  }

  /** Gives the event loop its turn when it is time, before a list is asked for. */
  async before(): Promise<void> {
    if (this.#due()) await new Promise(setImmediate);
  }

  /** The outcome of a request that was just sent, in this turn or the next. */
  after<T>(outcome: Promise<T>): Promise<T> {
    if (!this.#due()) return outcome;
    // A failure is told to the caller, a turn later; until then it is not one that nobody hears of.
    outcome.catch(() => {});
    return new Promise((resolve) => setImmediate(resolve, outcome));
  }
}
