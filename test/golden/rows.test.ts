import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

interface Row {
  name: string;
  source: string;
  command: string;
  direction: string;
  type: string;
  family?: string;
  hex: string;
  witness: unknown;
  args?: string[];
  request?: string;
}

const AREAS = readdirSync(new URL('../../../test/golden/', import.meta.url))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));
const MINIMUM = 150;

// The compiled test runs from .build/test/golden; the rows are not compiled.
const folder = fileURLToPath(new URL('../../../test/golden/', import.meta.url));

/** Where the attributes begin, by message type: after nlmsghdr and the family's header. */
function attributesAt(type: number, generic: boolean): number | undefined {
  if (generic) return type < 16 ? undefined : 16 + 4;
  if ((type >= 16 && type <= 19) || type === 108 || type === 109) return 16 + 16;
  if (type >= 20 && type <= 22) return 16 + 8;
  if (type >= 24 && type <= 26) return 16 + 12;
  // Neighbours and rules, labels, counters; tables of neighbours and netconf; tunnels.
  if ((type >= 28 && type <= 34) || (type >= 72 && type <= 74) || (type >= 92 && type <= 95)) return 16 + 12;
  if ((type >= 64 && type <= 67) || (type >= 80 && type <= 82)) return 16 + 4;
  if (type >= 120 && type <= 122) return 16 + 8;
  if (type >= 88 && type <= 90) return 16 + 4;
  // MDB entries, next hops, VLANs of bridges, buckets.
  if ((type >= 84 && type <= 86) || (type >= 104 && type <= 106) || (type >= 112 && type <= 118)) return 16 + 8;
  return undefined;
}

/** The offset at which a walk over the attributes ends; it must be the end of the message. */
function walk(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes.length - at >= 4) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    at += at + length === bytes.length ? length : (length + 3) & ~3;
  }
  return at;
}

/** What is wrong with a message; empty when nothing is. */
function faults(hex: string, generic: boolean): string[] {
  if (!/^([0-9a-f]{2}){16,}$/.test(hex)) return ['hex'];
  const bytes = Buffer.from(hex, 'hex');
  const found: string[] = [];
  if (bytes.readUInt32LE(0) !== bytes.length) found.push('nlmsg_len');
  const from = attributesAt(bytes.readUInt16LE(4), generic);
  if (from !== undefined && walk(bytes, from) !== bytes.length) found.push('attributes');
  return found;
}

t.test('golden rows are well-formed', async (t) => {
  let count = 0;
  for (const area of AREAS) {
    const rows = JSON.parse(readFileSync(`${folder}${area}.json`, 'utf8')) as Row[];
    count += rows.length;
    const bad = rows.flatMap((row) => {
      const generic = row.family !== undefined;
      const found = faults(row.hex, generic);
      if (generic !== (area === 'genl')) found.push('family');
      if (row.request !== undefined) found.push(...faults(row.request, generic).map((f) => `request: ${f}`));
      if (!/^(iproute2 \d|Linux \d)/.test(row.source)) found.push(`source ${row.source}`);
      if (!/^(ip|bridge|genl|setpriv|sysctl) /.test(row.command)) found.push(`command ${row.command}`);
      if (row.source.startsWith('iproute2') !== (row.direction === 'request')) found.push('source and direction');
      if (row.direction === 'request' && row.witness === null && !row.args) found.push('neither witness nor args');
      return found.map((f) => `${row.name}: ${f}`);
    });
    t.same(bad, [], `${area}: ${rows.length} rows`);
    t.equal(new Set(rows.map((row) => row.name)).size, rows.length, `${area}: names are unique`);
  }
  t.ok(count >= MINIMUM, `${count} rows, at least ${MINIMUM}`);
});
