/** Headings, paragraphs and aligned tables: with colours on a terminal, plain text elsewhere. */
import type { IPRoute } from 'tsroute2';

/** The first process knows the terminal; the parts run in processes of their own, with pipes, and are told. */
function colourful(): boolean {
  const { stdout, env } = process;
  if (env.TOUR_COLOURS !== undefined) return env.TOUR_COLOURS === '1';
  // A pipe does not have hasColors(), which knows FORCE_COLOR and TERM.
  return stdout.isTTY === true && !env.NO_COLOR && stdout.hasColors();
}

const colours = colourful();
const width = Number(process.env.TOUR_WIDTH ?? process.stdout.columns) || Number.POSITIVE_INFINITY;

/** What the parts of the tour must be told about the terminal. */
export function terminal(): NodeJS.ProcessEnv {
  return { TOUR_COLOURS: colours ? '1' : '0', TOUR_WIDTH: String(process.stdout.columns ?? 0) };
}

const style = (code: string, text: string): string => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
export const bold = (text: string): string => style('1', text);
export const dim = (text: string): string => style('2', text);
export const green = (text: string): string => style('32', text);
export const red = (text: string): string => style('31', text);

export function line(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function heading(text: string): void {
  line(`\n${bold(text)}\n${dim('-'.repeat(text.length))}`);
}

/** A paragraph, broken at 90 columns or at the edge of the terminal. */
export function say(text: string): void {
  let row = '';
  for (const word of text.split(/\s+/)) {
    if (row !== '' && row.length + 1 + word.length > Math.min(90, width)) {
      line(row);
      row = word;
    } else row = row === '' ? word : `${row} ${word}`;
  }
  line(row);
}

/** A call to be shown and made. */
export type Call = (ipr: IPRoute) => Promise<unknown>;

/** A call as it is written in the source, on one line. */
export function code(call: Call): void {
  const text = String(call)
    .replace(/^\(?ipr\)? => /, '')
    .replace(/\s+/g, ' ')
    .replaceAll(', }', ' }');
  line(`  ${dim('>')} ${green(text)}`);
}

export type Cell = string | number | undefined;

/** The kernel allows control characters in names; a terminal is not to obey them. */
const printable = (cell: Cell): string => String(cell ?? '').replace(/\p{Cc}/gu, '?');

/** An aligned table. Columns without any value are left out, numbers stand at the right, long tables are cut. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[], most = 40): void {
  if (rows.length === 0) {
    line(dim('  (none)'));
    return;
  }
  const shown = rows.slice(0, most);
  const columns = heads
    .map((head, i) => {
      const cells = shown.map((row) => row[i]);
      const right = cells.every((cell) => typeof cell !== 'string');
      const texts = [head, ...cells.map(printable)];
      const size = Math.max(...texts.map((text) => text.length));
      return { used: cells.some((cell) => cell !== undefined && cell !== ''), texts, size, right };
    })
    .filter(({ used }) => used);
  for (let r = 0; r <= shown.length; r++) {
    const cells = columns.map(({ texts, size, right }) => {
      const text = texts[r] ?? '';
      return right ? text.padStart(size) : text.padEnd(size);
    });
    const text = `  ${cells.join('  ')}`.trimEnd().slice(0, width);
    line(r === 0 ? dim(text) : text);
  }
  if (rows.length > most) line(dim(`  ... and ${rows.length - most} more`));
}

/** Milliseconds since `start`, short. */
export function since(start: number): string {
  const ms = performance.now() - start;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
