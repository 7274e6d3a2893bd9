/** Constants of rtnetlink: numbers by the kernel's words. Input takes the words; output has the numbers. */

export * from './constants/bridges.js';
export * from './constants/kinds.js';
export * from './constants/link.js';
export * from './constants/messages.js';
export * from './constants/neighbours.js';
export * from './constants/routes.js';
export * from './constants/rules.js';
export * from './constants/stats.js';

/** The words of the bits that are set, such as `names(IFF, link.flags)`; bits without a word are left out. */
export function names(map: Readonly<Record<string, number>>, bits: number): string[] {
  const found: string[] = [];
  let seen = 0;
  for (const [word, bit] of Object.entries(map)) {
    // A second word for the same bit says nothing new.
    if ((bits & bit) !== bit || bit === 0 || (seen & bit) === bit) continue;
    seen |= bit;
    found.push(word);
  }
  return found;
}

/** The word of a number, such as `nameOf(RTPROT, route.protocol)`; the number itself where there is no word for it. */
export function nameOf(map: Readonly<Record<string, number>>, value: number): string | number {
  for (const [word, number] of Object.entries(map)) if (number === value) return word;
  return value;
}
