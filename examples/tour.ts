/**
 * The tour: what this machine has, and then links, addresses, routes, events and errors in a network namespace that
 * only lives as long as the tour. `npm start`, as root or as anybody.
 */
import { fileURLToPath } from 'node:url';
import { NetlinkError } from 'tsroute2';
import { followParent, report, runPart, unfollowParent } from './tour/part.js';
import { bold, line, red, say } from './tour/print.js';
import { reading } from './tour/reading.js';
import { missingRight } from './tour/rights.js';
import { stops } from './tour/stops.js';

/** Milliseconds that the kernel may take to answer. */
const READING_LIMIT = 5000;
const STOPS_LIMIT = 30_000;

/** One of the parts, in a process of its own. */
async function part(run: () => Promise<void>): Promise<void> {
  followParent();
  await report({ began: true });
  try {
    await run();
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    if (error.code === 'EPERM') await report({ denied: error.message });
    else if (error.code === 'EOPNOTSUPP') await report({ lacks: error.message });
    else throw error;
  } finally {
    unfollowParent();
  }
}

async function tour(limit: number): Promise<number> {
  const self = [...process.execArgv, fileURLToPath(import.meta.url)];
  line(bold('tsroute2: a tour'));
  const read = await runPart(process.execPath, [...self, '--reading'], limit);
  if (read.status === undefined) {
    line();
    line(red(`Reading did not end within ${limit / 1000} s: the kernel does not answer.`));
    say('Something on this machine holds the lock of its network configuration; ip link would hang as well.');
    return 1;
  }
  if (read.status !== 0) {
    line(red(read.stderr.trim()));
    return 1;
  }
  line();
  say('Now the same the other way: changes, in a network namespace that lives as long as this tour.');
  say('Every call is shown as it is made, and below it the events that it causes.');
  const root = process.getuid?.() === 0;
  const inside = [root ? '-n' : '-Urnm', process.execPath, ...self, '--inside'];
  const changed = await runPart('unshare', inside, STOPS_LIMIT);
  if (!changed.began || changed.denied !== undefined) {
    const why = (changed.denied ?? changed.stderr).trim();
    line();
    line(bold('The second part needs a network namespace of its own, which cannot be had here.'));
    say(missingRight(root, why));
    return 0;
  }
  if (changed.lacks !== undefined) {
    line();
    say(`This kernel lacks what comes next (a module that is not installed?): ${changed.lacks}`);
    return 0;
  }
  if (changed.status === undefined)
    line(red(`\nNothing happened for ${STOPS_LIMIT / 1000} s: the kernel does not answer.`));
  else if (changed.status !== 0) line(red(`\n${changed.stderr.trim()}`));
  return changed.status === 0 ? 0 : 1;
}

// A reader that has gone (npm start | head) is no failure.
process.stdout.on('error', () => process.exit(0));
const [mode, value] = process.argv.slice(2);
if (mode === '--reading') await part(reading);
else if (mode === '--inside') await part(stops);
// The limit can be given, for tests.
else process.exitCode = await tour(mode === '--limit' ? Number(value) : READING_LIMIT);
