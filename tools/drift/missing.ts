/** The committed list of what is missing, held against what the tables lack now. It may only shrink. */
import type { Facts, Missing } from './facts.js';

/** Names of one set; `all` are those of the facts. */
const listOf = (value: string[] | 'all' | undefined, all: readonly string[]): readonly string[] =>
  value === 'all' ? all : (value ?? []);

const attrsOf = (facts: Facts, set: string): string[] => Object.keys(facts.sets[set]?.attrs ?? {});

interface Part {
  /** What the kind of thing is called, and where a new one goes. */
  what: string;
  hint: string;
  listed: Record<string, string[] | 'all'>;
  lacks: Record<string, string[] | 'all'>;
  all(group: string): string[];
}

function parts(missing: Missing, lacks: Missing, facts: Facts): Part[] {
  return [
    {
      what: 'attribute',
      hint: 'add a line to its table',
      listed: missing.attrs,
      lacks: lacks.attrs,
      all: (set) => attrsOf(facts, set),
    },
    {
      what: 'constant',
      hint: 'add a line to its group',
      listed: missing.constants,
      lacks: lacks.constants,
      all: (group) => Object.keys(facts.macros[group] ?? {}),
    },
    {
      what: 'member',
      hint: 'add a line to the struct',
      listed: missing.members,
      lacks: lacks.members,
      all: (struct) => Object.keys(facts.structs[struct]?.members ?? {}),
    },
  ];
}

/** What is missing and not listed, or listed and not missing; and how much is missing in all. */
export function judgeMissing(missing: Missing, lacks: Missing, facts: Facts): { problems: string[]; count: number } {
  const problems: string[] = [];
  let count = 0;
  for (const part of parts(missing, lacks, facts)) {
    for (const group of new Set([...Object.keys(part.listed), ...Object.keys(part.lacks)])) {
      const all = part.all(group);
      const listed = new Set(listOf(part.listed[group], all));
      const lacking = new Set(listOf(part.lacks[group], all));
      count += lacking.size;
      for (const name of lacking) {
        if (!listed.has(name))
          problems.push(`${group}: the kernel has the ${part.what} ${name}, we do not: ${part.hint}`);
      }
      const had = [...listed].filter((name) => !lacking.has(name));
      if (had.length > 0 || (all.length === 0 && group in part.listed))
        problems.push(
          `${group}: tools/drift/missing.json lists ${had.join(', ') || 'what no header has'}, which is not missing: ` +
            'remove it (`npm run drift -- --offline --write`)',
        );
    }
  }
  return { problems, count };
}

/**
 * The list as it should be: without what is not missing any more. Only what the headers did not have when it was
 * written last (`before`) is added, as after a new kernel or a new row of HEADERS.
 */
export function shrink(missing: Missing, lacks: Missing, facts: Facts, before: Facts): Missing {
  const known = new Set([
    ...Object.values(before.sets).flatMap((s) => Object.keys(s.attrs)),
    ...Object.values(before.macros).flatMap(Object.keys),
    ...Object.entries(before.structs).flatMap(([name, s]) => Object.keys(s.members).map((m) => `${name}.${m}`)),
  ]);
  const keep = (part: Part, name: (group: string, member: string) => string): Record<string, string[] | 'all'> => {
    const result: Record<string, string[] | 'all'> = {};
    for (const [group, value] of Object.entries(part.lacks)) {
      const all = part.all(group);
      const listed = new Set(listOf(part.listed[group], all));
      const rest = listOf(value, all).filter((n) => listed.has(n) || !known.has(name(group, n)));
      if (rest.length > 0) result[group] = value === 'all' && rest.length === all.length ? 'all' : rest;
    }
    return result;
  };
  const [attrs, constants, members] = parts(missing, lacks, facts);
  return {
    attrs: keep(attrs!, (_, name) => name),
    constants: keep(constants!, (_, name) => name) as Record<string, string[]>,
    members: keep(members!, (group, name) => `${group}.${name}`) as Record<string, string[]>,
  };
}
