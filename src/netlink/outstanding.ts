/** Requests that wait for answers, by their numbers. */
import type { Pending } from './pending.js';

/**
 * A map that mostly holds one, which is awaited before there is another: that one has a place of its own, since a map
 * that is filled and emptied for each request is made anew again and again.
 */
export class Outstanding {
  /** Came before all of `#more`. */
  #first: Pending<unknown> | undefined;
  readonly #more = new Map<number, Pending<unknown>>();

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + this.#more.size;
  }

  /** Whether a caller waits for one of them: the kernel still answers what was given up. */
  get awaited(): boolean {
    if (this.#first !== undefined && !this.#first.settled) return true;
    for (const { settled } of this.#more.values()) if (!settled) return true;
    return false;
  }

  get(seq: number): Pending<unknown> | undefined {
    if (this.#first !== undefined && this.#first.seq === seq) return this.#first;
    return this.#more.size === 0 ? undefined : this.#more.get(seq);
  }

  add(pending: Pending<unknown>): void {
    if (this.#first === undefined && this.#more.size === 0) this.#first = pending;
    else this.#more.set(pending.seq, pending);
  }

  delete({ seq }: Pending<unknown>): void {
    if (this.#first !== undefined && this.#first.seq === seq) this.#first = undefined;
    else this.#more.delete(seq);
  }

  /** All, in the order in which they came. */
  all(): Pending<unknown>[] {
    return this.#first === undefined ? [...this.#more.values()] : [this.#first, ...this.#more.values()];
  }

  clear(): void {
    this.#first = undefined;
    this.#more.clear();
  }
}
