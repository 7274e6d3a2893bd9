/** Runs calls of an iterator one after the other: a program may ask for the next item before it has the last one. */
export class Serial {
  #last: Promise<unknown> | undefined;

  /** Whether no call is under way. */
  get idle(): boolean {
    return this.#last === undefined;
  }

  /** Runs `call` after all that were given before. */
  run<T>(call: () => Promise<T>): Promise<T> {
    const mine = this.#last === undefined ? call() : this.#last.then(call);
    const last: Promise<void> = mine.then(
      (): void => this.#end(last),
      (): void => this.#end(last),
    );
    this.#last = last;
    return mine;
  }

  #end(call: Promise<unknown>): void {
    if (this.#last === call) this.#last = undefined;
  }
}
