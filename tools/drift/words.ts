/**
 * Words of attributes (`mode: 'bridge'`) against the enums of the headers. Many are `ip`'s own; those that are the
 * kernel's, which an enum with most of them shows, must have its numbers.
 */
import type { Counts } from './compare.js';
import type { Facts } from './facts.js';
import type { Found } from './tables.js';

const upper = (word: string): string => word.toUpperCase().replaceAll(/[-. ]/g, '_');

export function compareWords(found: Found, facts: Facts, counts: Counts, problems: string[]): void {
  const enums = [...Object.entries(facts.enums), ...Object.entries(facts.macros)];
  for (const { words, path } of found.words) {
    let best: { name: string; same: number; wrong: string[] } | undefined;
    for (const [name, values] of enums) {
      const same: string[] = [];
      const wrong: string[] = [];
      for (const [word, value] of words) {
        const theirs = Object.keys(values).filter((n) => n.endsWith(`_${upper(word)}`));
        if (theirs.length === 0) continue;
        if (theirs.some((n) => values[n] === value)) same.push(word);
        else wrong.push(`${word} = ${value}, the headers say ${theirs[0]} = ${values[theirs[0]!]}`);
      }
      const covers = same.length + wrong.length;
      if (same.length < 2 || covers * 2 < words.size || same.length * 2 <= covers) continue;
      if (
        best === undefined ||
        same.length > best.same ||
        (same.length === best.same && wrong.length < best.wrong.length)
      )
        best = { name, same: same.length, wrong };
    }
    if (best === undefined) continue;
    counts.words += best.same + best.wrong.length;
    for (const line of best.wrong) problems.push(`${path}: ${line} (${best.name})`);
  }
}
