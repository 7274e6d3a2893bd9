import { readFileSync, writeFileSync } from 'node:fs';
import { attributePaths, identity } from './compare.js';
import type { Json } from './witness.js';

/** One golden row; the fields are explained in test/golden/README.md. */
export interface Row {
  name: string;
  source: string;
  command: string;
  direction: 'request' | 'reply' | 'event';
  type: string;
  /** genl.json: whose message it is. */
  family?: string;
  hex: string;
  witness: Json;
  /** Which iproute2 printed the witness, when it is not the usual one. */
  reader?: string;
  /** The command's arguments, where there is no witness. */
  args?: string[];
  /** errors.json, and refusals in genl.json: the request that this message answers. */
  request?: string;
  /** The kernel of the capture did not accept this request; what iproute2 said. */
  refused?: string;
}

/** The iproute2 that read most rows. */
export const USUAL_READER = '6.1.0';

const bytes = (row: Row): Buffer => Buffer.from(row.hex, 'hex');

/** Rows that say the same (but for sequence numbers, port ids, counters and clocks) are one row: the first. */
export function distinct(rows: Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = `${row.direction} ${identity(bytes(row), row.family)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Numbers the rows of one step and direction where there are several: `name / reply`, `name / reply 2`. */
export function numbered(rows: Row[]): Row[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const count = (seen.get(row.name) ?? 0) + 1;
    seen.set(row.name, count);
    return count === 1 ? row : { ...row, name: `${row.name} ${count}` };
  });
}

/** The stored rows of one area; none when the file does not exist. */
export function readRows(file: string): Row[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Row[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Writes one row per line. A stored row that says the same as the new one stays as it is, so that a re-run is quiet. */
export function writeRows(file: string, rows: Row[], fresh: boolean): void {
  const stored = new Map(fresh ? [] : readRows(file).map((row) => [row.name, row] as const));
  const lines = rows.map((row) => {
    const old = stored.get(row.name);
    const same =
      old &&
      old.source === row.source &&
      old.command === row.command &&
      identity(bytes(old), old.family) === identity(bytes(row), row.family);
    return JSON.stringify(same ? old : row);
  });
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
}

/** Differences between the stored rows and a new capture: rows that are missing, and attributes that came or went. */
export function differences(stored: Row[], captured: Row[]): string[] {
  const byName = new Map(captured.map((row) => [row.name, row]));
  const found: string[] = [];
  for (const row of stored) {
    const now = byName.get(row.name);
    if (!now) {
      found.push(`${row.name}: not captured`);
      continue;
    }
    const before = attributePaths(row.hex, row.family);
    const after = attributePaths(now.hex, now.family);
    const gone = before.filter((path) => !after.includes(path)).map((path) => `-${path}`);
    const come = after.filter((path) => !before.includes(path)).map((path) => `+${path}`);
    if (now.type !== row.type) found.push(`${row.name}: ${row.type} is now ${now.type}`);
    if (gone.length + come.length > 0) found.push(`${row.name}: ${[...gone, ...come].join(' ')}`);
    if ((now.refused ?? '') !== (row.refused ?? '')) {
      found.push(`${row.name}: ${now.refused ? `now refused: ${now.refused}` : 'now accepted'}`);
    }
  }
  const names = new Set(stored.map((row) => row.name));
  for (const row of captured) if (!names.has(row.name)) found.push(`${row.name}: new`);
  return found;
}
