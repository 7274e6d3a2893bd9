/** What live kernels sent and accepted: traces of test runs, and the committed results that are made of them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Facts, root } from '../drift/facts.js';

/** `s`: the kernel sent it; `a`: it accepted it from us; `sa`: both. */
export type Mark = 's' | 'a' | 'sa';

/** Results of one kernel, by message and the kernel's name of the attribute. */
export interface Results {
  /** `6.18`. */
  kernel: string;
  messages: Record<string, Record<string, Mark>>;
}

const TRACES = join(root, '.build/coverage');
const RESULTS = join(root, 'test/coverage');

/** `IFLA_VXLAN#34` is an attribute that no table has: its name by the headers, where they have it. */
function nameOf(word: string, facts: Facts): string {
  const [prefix = '', id] = word.split('#');
  if (id === undefined) return word;
  const attrs = Object.entries(facts.sets[prefix]?.attrs ?? {});
  return attrs.find(([, [number]]) => number === Number(id))?.[0] ?? word;
}

/** Reads the text of traces: lines of `sent MESSAGE path NAME`, after a line with the kernel. Several runs add up. */
export function readTraces(texts: readonly string[], facts: Facts): Results[] {
  const found = new Map<string, Map<string, Map<string, Set<string>>>>();
  for (const text of texts) {
    let messages: Map<string, Map<string, Set<string>>> | undefined;
    for (const line of text.split('\n')) {
      const [what = '', op = '', , word] = line.split(' ');
      if (what === 'kernel') {
        const kernel = /^\d+\.\d+/.exec(op)?.[0] ?? op;
        messages = found.get(kernel) ?? new Map();
        found.set(kernel, messages);
      } else if (word !== undefined && messages !== undefined) {
        const attributes = messages.get(op) ?? new Map<string, Set<string>>();
        messages.set(op, attributes);
        const name = nameOf(word, facts);
        attributes.set(name, (attributes.get(name) ?? new Set()).add(what));
      }
    }
  }
  const mark = (how: Set<string>): Mark => (how.size === 2 ? 'sa' : how.has('sent') ? 's' : 'a');
  const sorted = <V>(map: Map<string, V>): [string, V][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted(found).map(([kernel, messages]) => ({
    kernel,
    messages: Object.fromEntries(
      sorted(messages).map(([op, attributes]) => [
        op,
        Object.fromEntries(sorted(attributes).map(([name, how]) => [name, mark(how)])),
      ]),
    ),
  }));
}

/** Makes results of the traces that live lanes left; one file a kernel. Returns the kernels. */
export function collect(facts: Facts): string[] {
  const files = existsSync(TRACES) ? readdirSync(TRACES).filter((f) => f.endsWith('.trace')) : [];
  const all = readTraces(
    files.map((f) => readFileSync(join(TRACES, f), 'utf8')),
    facts,
  );
  for (const { kernel, messages } of all) {
    const lines = Object.entries(messages).map(([op, marks]) => `${JSON.stringify(op)}: ${JSON.stringify(marks)}`);
    writeFileSync(join(RESULTS, `${kernel}.json`), `{\n${lines.join(',\n')}\n}\n`);
  }
  return all.map(({ kernel }) => kernel);
}

/** The committed results, oldest kernel first. */
export function readResults(): Results[] {
  const version = (kernel: string): number[] => kernel.split('.').map(Number);
  return readdirSync(RESULTS)
    .filter((f) => /^\d+\.\d+\.json$/.test(f))
    .map((f) => ({
      kernel: f.replace(/\.json$/, ''),
      messages: JSON.parse(readFileSync(join(RESULTS, f), 'utf8')) as Results['messages'],
    }))
    .sort((a, b) => {
      const [[a1 = 0, a2 = 0], [b1 = 0, b2 = 0]] = [version(a.kernel), version(b.kernel)];
      return a1 - b1 || a2 - b2;
    });
}
