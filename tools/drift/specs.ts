/** Types of attributes by the YAML specs of netlink (Documentation/netlink/specs in the kernel's source). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface SpecAttr {
  name: string;
  type?: string;
  'byte-order'?: string;
  'display-hint'?: string;
  struct?: string;
  checks?: Record<string, unknown>;
  value?: number;
}

interface SpecSet {
  name: string;
  'name-prefix'?: string;
  'subset-of'?: string;
  attributes?: SpecAttr[];
}

interface Spec {
  name: string;
  'attribute-sets'?: SpecSet[];
}

const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/** One attribute in the words of wire.ts. */
function wire(attr: SpecAttr): string {
  const { type = 'binary', 'display-hint': hint, checks } = attr;
  const address = hint === 'ipv4' || hint === 'ipv6' ? (hint === 'ipv4' ? 'ip4' : 'ip6') : undefined;
  if (/^[us](8|16|32|64)$/.test(type)) {
    if (type === 'u32' && hint === 'ipv4') return 'ip4';
    return attr['byte-order'] === 'big-endian' ? `be${type.slice(1)}` : type;
  }
  if (type === 'binary') {
    if (attr.struct !== undefined) return `struct ${attr.struct.replaceAll('-', '_')}`;
    const exact = checks?.['exact-len'];
    // Without a length the hint is an example: the family decides.
    if (address !== undefined) return exact === undefined ? 'ip' : address;
    if (hint === 'mac') return 'mac';
    return typeof exact === 'number' ? `binary ${exact}` : 'binary';
  }
  if (type === 'indexed-array' || type === 'nest-type-value') return 'nests';
  if (type === 'sub-message') return 'payload';
  return type === 'unused' ? 'pad' : type;
}

export interface SpecFact {
  wire: string;
  /** Number, where the spec gives it. */
  value: number | undefined;
  /** Spec and set, for reports. */
  where: string;
}

/** Facts by the kernel's name of the attribute; a name that several sets have may have several. */
export function readSpecs(texts: readonly string[]): Map<string, SpecFact[]> {
  const facts = new Map<string, SpecFact[]>();
  for (const text of texts) {
    const spec = parse(text) as Spec;
    const sets = spec['attribute-sets'] ?? [];
    const byName = new Map(sets.map((set) => [set.name, set]));
    for (const set of sets) {
      const parent = set['subset-of'] === undefined ? undefined : byName.get(set['subset-of']);
      const prefix = set['name-prefix'] ?? parent?.['name-prefix'] ?? `${spec.name}-a-`;
      for (const attr of set.attributes ?? []) {
        const inherited = parent?.attributes?.find((a) => a.name === attr.name);
        const whole = { ...inherited, ...attr };
        const name = upper(`${prefix}${attr.name}`);
        const list = facts.get(name) ?? [];
        list.push({ wire: wire(whole), value: whole.value, where: `${spec.name}: ${set.name}` });
        facts.set(name, list);
      }
    }
  }
  return facts;
}

export const readSpecFolder = (folder: string): Map<string, SpecFact[]> =>
  readSpecs(
    readdirSync(folder)
      .filter((f) => f.endsWith('.yaml'))
      .sort()
      .map((f) => readFileSync(join(folder, f), 'utf8')),
  );
