/** Runs calls of an iterator one after the other: a program may ask for the next item before it has the last one. */
export class Serial {
  #last: Promise<void> | undefined;

  /** Whether no call is under way. */
  get idle(): boolean {
    return this.#last === undefined;
  }

  /** Runs `call` after all that were given before. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let end!: () => void;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last = mine;
    if (before !== undefined) await before;
    // Awaited, so that stacks go on to the caller.
    try {
      return await call();
    } finally {
      if (this.#last === mine) this.#last = undefined;
      end();
    }
  }
}
