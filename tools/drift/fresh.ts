/** Fresh facts beside the committed ones. */
import type { Facts } from './facts.js';

/** Takes the types over from facts that were made with specs. */
export function keepTypes(facts: Facts, kept: Facts): void {
  for (const [set, { attrs }] of Object.entries(facts.sets)) {
    for (const [name, entry] of Object.entries(attrs)) {
      const types = (kept.sets[set]?.attrs[name] ?? []).slice(1) as string[];
      attrs[name] = [entry[0], ...types];
    }
  }
}

const HINT = 'look at what changed and keep it: npm run drift -- --write';

function differences(what: string, now: Record<string, unknown>, before: Record<string, unknown>): string[] {
  const lines: string[] = [];
  for (const name of new Set([...Object.keys(now), ...Object.keys(before)])) {
    const [a, b] = [JSON.stringify(now[name]), JSON.stringify(before[name])];
    if (a === b) continue;
    if (a === undefined) lines.push(`${what} ${name}: the headers do not have it any more (${HINT})`);
    else if (b === undefined) lines.push(`${what} ${name}: new in the headers, ${a} (${HINT})`);
    else lines.push(`${what} ${name}: headers and specs say ${a}, tools/drift/facts.json ${b} (${HINT})`);
  }
  return lines;
}

/** What headers and specs say otherwise than the committed facts. Their version may differ. */
export function factChanges(facts: Facts, kept: Facts): string[] {
  const lines: string[] = [];
  for (const set of new Set([...Object.keys(facts.sets), ...Object.keys(kept.sets)]))
    lines.push(...differences('attribute', facts.sets[set]?.attrs ?? {}, kept.sets[set]?.attrs ?? {}));
  for (const name of new Set([...Object.keys(facts.macros), ...Object.keys(kept.macros)]))
    lines.push(...differences('constant', facts.macros[name] ?? {}, kept.macros[name] ?? {}));
  for (const name of new Set([...Object.keys(facts.enums), ...Object.keys(kept.enums)]))
    lines.push(...differences('enumerator', facts.enums[name] ?? {}, kept.enums[name] ?? {}));
  for (const name of new Set([...Object.keys(facts.structs), ...Object.keys(kept.structs)]))
    lines.push(
      ...differences(`struct ${name}:`, facts.structs[name]?.members ?? {}, kept.structs[name]?.members ?? {}),
    );
  return lines;
}
