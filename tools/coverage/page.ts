/** docs/coverage.md. The left column is from headers and specs, never from our own tables. */
import type { AnyType } from '../../src/codec/type.js';
import { OP_BYTES } from '../../src/codec/type.js';
import type { Facts } from '../drift/facts.js';
import { BORROWED, ELEMENTS } from '../drift/mapping.js';
import type { Found } from '../drift/tables.js';
import { FAMILIES } from './families.js';
import type { Mark, Results } from './results.js';

/** One attribute of the kernel: its names are aliases of one number. */
interface Row {
  name: string;
  id: number;
  wire: string;
  known: 'yes' | 'as bytes' | '';
  /** By kernel. */
  marks: Map<string, Mark>;
}

interface Section {
  set: string;
  header: string;
  rows: Row[];
}

type Marks = Map<string, Map<string, Mark>>;

/** Marks of an attribute by kernel, whatever the message. */
function marksByName(results: readonly Results[]): Marks {
  const all: Marks = new Map();
  for (const { kernel, messages } of results) {
    for (const marks of Object.values(messages)) {
      for (const [name, mark] of Object.entries(marks)) {
        const kernels = all.get(name) ?? new Map<string, Mark>();
        all.set(name, kernels);
        const before = kernels.get(kernel);
        kernels.set(kernel, before === undefined || before === mark ? mark : 'sa');
        const element = ELEMENTS[name];
        if (element !== undefined && !all.has(element)) all.set(element, kernels);
      }
    }
  }
  return all;
}

/** Types of what our tables have, by the kernel's name. */
function typesByName(found: Found): Map<string, AnyType[]> {
  const types = new Map<string, AnyType[]>();
  for (const { attrs } of found.tables)
    for (const { name, type } of attrs)
      for (const n of [name, ELEMENTS[name]]) if (n !== undefined) types.set(n, [...(types.get(n) ?? []), type]);
  return types;
}

function sections(facts: Facts, found: Found, results: readonly Results[]): Section[] {
  const marks = marksByName(results);
  const types = typesByName(found);
  const list: Section[] = [];
  for (const [set, { header, attrs }] of Object.entries(facts.sets)) {
    const byId = new Map<number, Row>();
    for (const [name, [id, ...wires]] of Object.entries(attrs)) {
      // Padding tells nothing. Of families that lend some attributes only those are shown.
      if (name.endsWith('_PAD') || (BORROWED.test(set) && !types.has(name))) continue;
      const row = byId.get(id) ?? { name, id, wire: '', known: '', marks: new Map<string, Mark>() };
      byId.set(id, row);
      const ours = types.get(name);
      // Of several names the one that we use.
      if (ours !== undefined) {
        row.name = name;
        row.known = ours.every((type) => type.op === OP_BYTES) ? 'as bytes' : 'yes';
      }
      row.wire ||= wires.join(' or ');
      for (const [kernel, mark] of marks.get(name) ?? []) row.marks.set(kernel, mark);
    }
    if (byId.size > 0) list.push({ set, header, rows: [...byId.values()].sort((a, b) => a.id - b.id) });
  }
  return list;
}

const count = (rows: readonly Row[], test: (row: Row) => boolean): number => rows.filter(test).length;
const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const WORDS: Readonly<Record<Mark, string>> = { s: 'sent', a: 'taken', sa: 'both' };

function totals(name: string, rows: readonly Row[], kernels: readonly string[]): string {
  const known = count(rows, (r) => r.known !== '');
  const any = count(rows, (r) => r.marks.size > 0);
  return line([
    name,
    rows.length,
    known,
    rows.length - known,
    any,
    ...kernels.map((kernel) => count(rows, (r) => r.marks.has(kernel))),
  ]);
}

function family(parts: readonly Section[], kernels: readonly string[]): string[] {
  const lines: string[] = [];
  const have = parts.filter(({ rows }) => rows.some((r) => r.known !== '' || r.marks.size > 0));
  for (const { set, header, rows } of have) {
    const known = count(rows, (r) => r.known !== '');
    const any = count(rows, (r) => r.marks.size > 0);
    lines.push('', `### ${set}`, '', `\`${header}\`: ${rows.length} attributes, ${known} known, ${any} exercised.`, '');
    lines.push(line(['attribute', 'number', 'type', 'known', ...kernels]));
    lines.push(`|---|--:|---|---|${kernels.map(() => '---|').join('')}`);
    for (const { name, id, wire, known: how, marks } of rows) {
      const cells = kernels.map((kernel) => {
        const mark = marks.get(kernel);
        return mark === undefined ? '' : WORDS[mark];
      });
      lines.push(line([`\`${name}\``, id, wire || '?', how || '**missing**', ...cells]));
    }
  }
  const none = parts.filter((part) => !have.includes(part));
  if (none.length > 0) {
    const names = none.map(({ set, rows }) => `\`${set}\` (${rows.length})`);
    lines.push('', `Sets of which nothing is known, with their number of attributes: ${names.join(', ')}.`);
  }
  return lines;
}

function messages(results: readonly Results[]): string[] {
  const ops = [...new Set(results.flatMap(({ messages }) => Object.keys(messages)))].sort();
  const cell = (marks: Record<string, Mark> | undefined): string => {
    if (marks === undefined) return '';
    const values = Object.values(marks);
    return `${values.filter((m) => m !== 'a').length} / ${values.filter((m) => m !== 's').length}`;
  };
  return [
    '',
    '## Messages',
    '',
    'Attributes that the kernel sent in a message, and that it took from us in one.',
    '',
    line(['message', ...results.map(({ kernel }) => kernel)]),
    `|---|${results.map(() => '--:|').join('')}`,
    ...ops.map((op) => line([`\`${op}\``, ...results.map(({ messages }) => cell(messages[op]))])),
  ];
}

export function page(facts: Facts, found: Found, results: readonly Results[]): string {
  const all = sections(facts, found, results);
  const kernels = results.map(({ kernel }) => kernel);
  const families = FAMILIES.map((f) => ({ ...f, parts: [] as Section[] }));
  for (const section of all) families.find(({ sets }) => sets.test(section.set))?.parts.push(section);
  const lost = all.filter(({ set }) => !FAMILIES.some(({ sets }) => sets.test(set)) && !BORROWED.test(set));
  if (lost.length > 0)
    throw new Error(`add to a family in tools/coverage/families.ts: ${lost.map(({ set }) => set).join(', ')}`);
  const rows = (parts: readonly Section[]): Row[] => parts.flatMap((part) => part.rows);
  const shown = families.filter(({ parts }) => parts.length > 0);
  return `${[
    '# Coverage',
    '',
    '<!-- Made by `npm run coverage`. Do not edit. -->',
    '',
    `Attributes of the kernel's headers (Linux ${/^[\d.]+/.exec(facts.headers)?.[0]}) and what became of them here. The left column comes from the headers, types`,
    "from the YAML specs of netlink (`?` where those are silent), neither from the library's own tables. *Known* attributes",
    'have a key; *as bytes* means that their content is not taken apart. *Exercised* says what the live tests did on a real',
    'kernel: `sent` by the kernel and decoded, `taken` by it from a request that it acknowledged without an error, or `both`.',
    'Padding is left out. See [drift](drift.md) for how the page is made.',
    '',
    line(['', 'attributes', 'known', 'missing', 'exercised', ...kernels.map((k) => `on ${k}`)]),
    `|---|--:|--:|--:|--:|${kernels.map(() => '--:|').join('')}`,
    ...shown.map(({ name, parts }) => totals(`[${name}](#${name})`, rows(parts), kernels)),
    totals('all', rows(shown.flatMap(({ parts }) => parts)), kernels),
    ...messages(results),
    ...shown.flatMap(({ name, about, parts }) => ['', `## ${name}`, '', `Of ${about}.`, ...family(parts, kernels)]),
  ].join('\n')}\n`;
}
