/**
 * Tables of what docs/parity.md promises: each row does one thing that pyroute2 can do, in a namespace that all rows of
 * an object share, and says how `ip` or `bridge` then sees it. They are asked once, after all rows.
 */
import t from 'tap';
import { type Place, place } from '../witness/live.js';

/** What a row is, in pyroute2's words: `link: mtu`. Names are unique within an object. */
export interface ParityRow<Seen> {
  name: string;
  /** Does it; what it resolves to goes to `found`. */
  act(p: Place): unknown;
  /** What became of it: in the eyes of `ip`, or of the answer. */
  found(seen: Seen, answer: never): unknown;
  is: unknown;
}

/** A row with the type of its answer. */
export const row = <Seen, A>(
  name: string,
  act: (p: Place) => A,
  found: (seen: Seen, answer: Awaited<A>) => unknown,
  is: unknown,
): ParityRow<Seen> => ({ name, act, found: found as ParityRow<Seen>['found'], is });

/** Runs a table: what is needed first, all rows, one look by `see`, then a test for each row; or says why there is no such thing here. */
export function parity<Seen>(
  object: string,
  prepare: (p: Place) => Promise<unknown>,
  see: (p: Place) => Seen | Promise<Seen>,
  rows: readonly ParityRow<Seen>[],
  obstacle: (p: Place) => Promise<string | false> = async () => false,
): void {
  t.test(object, async (t) => {
    const p = await place(t);
    const why = await obstacle(p);
    if (why !== false) {
      for (const { name } of rows) await t.test(name, async (t) => void t.pass(name, { skip: why }));
      return;
    }
    await prepare(p);
    const outcomes: { answer?: unknown; error?: unknown }[] = [];
    for (const { act } of rows) {
      try {
        outcomes.push({ answer: await act(p) });
      } catch (error) {
        outcomes.push({ error });
      }
    }
    const seen = await see(p);
    for (const [i, { name, found, is }] of rows.entries()) {
      await t.test(name, async (t) => {
        const { answer, error } = outcomes[i]!;
        if (error !== undefined) throw error;
        t.same(found(seen, answer as never), is);
      });
    }
    t.equal(new Set(rows.map(({ name }) => name)).size, rows.length, 'no name twice');
  });
}
