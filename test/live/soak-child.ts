/** Starts `tools/soak` in a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Soaked } from '../../tools/soak/soak.js';

/** As tools/soak/main.ts prints it. */
type Result = Soaked & { problems: string[] };

const main = fileURLToPath(new URL('../../tools/soak/main.js', import.meta.url));

/** Runs the soak; throws with what it said when it ended without a result. */
export async function soaked(...args: string[]): Promise<Result> {
  // What is recorded of every message belongs to the tests themselves.
  const { TSROUTE2_TRACE: _, ...env } = process.env;
  // As `npm run soak` does: little garbage.
  const child = spawn(process.execPath, ['--max-semi-space-size=1', main, '--inside', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    timeout: 500_000,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  );
  if (out === '') throw new Error(`the soak ended with ${signal ?? code}: ${err}`);
  return JSON.parse(out) as Result;
}

/** How many there were of all kinds. */
export const sum = (tally: Soaked['cycles']): number =>
  Object.values(tally).reduce((total, { times }) => total + times, 0);
