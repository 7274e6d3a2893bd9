/** Batches have every change that IPRoute has. */
import t from 'tap';
import { InputError, IPBatch, type IPRoute } from '../../src/index.js';
import { Recorder } from './recorder.js';

type Verb = (cmd: unknown, spec?: unknown) => unknown;
const READING = ['get', 'show', 'dump'];
/** Their first argument is an object, not a verb; and they do several things one after the other. */
const OTHERS = ['ensure', 'ensureGone', 'poll', 'pollGone'];

const methodsOf = (object: object): string[] => {
  const names = new Set<string>();
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
  return [...names];
};

/** The verbs that a method knows, by what it says of one that is none; undefined where it takes no verb. */
async function verbsOf(name: string): Promise<string[] | undefined> {
  const ipr = new Recorder().iproute();
  try {
    const given = (ipr as unknown as Record<string, Verb>)[name]!('no such verb');
    // Some wait for what never comes.
    const rest = Promise.resolve(given);
    rest.catch(() => {});
    await Promise.race([rest, new Promise((resolve) => setImmediate(resolve))]);
  } catch (error) {
    if (error instanceof InputError && error.field === 'command')
      return / is not one of (.*)$/.exec(error.reason)?.[1]?.split(', ');
  } finally {
    // What is called may be of the socket's own, and upset it.
    await ipr.close().catch(() => {});
  }
  return undefined;
}

t.test('every change', async (t) => {
  const ipr: IPRoute = new Recorder().iproute();
  const names = methodsOf(ipr).filter((name) => !OTHERS.includes(name));
  await ipr.close();
  let count = 0;
  for (const name of names) {
    const changes = ((await verbsOf(name)) ?? []).filter((cmd) => !READING.includes(cmd));
    for (const cmd of changes) {
      count++;
      const method = (new IPBatch() as unknown as Record<string, Verb | undefined>)[name];
      t.type(method, 'function', `batch.${name}`);
      const batch = new IPBatch() as unknown as Record<string, Verb>;
      try {
        batch[name]?.(cmd, {});
        t.fail(`${name} ${cmd} of nothing`);
      } catch (error) {
        t.ok(error instanceof InputError && error.field !== 'command', `${name} ${cmd}: ${error}`);
      }
    }
    if (changes.length > 0) {
      const batch = new IPBatch() as unknown as Record<string, Verb>;
      for (const cmd of [...READING, 'no such verb'])
        t.throws(() => batch[name]?.(cmd, {}), { name: 'InputError', field: 'command' }, `${name} ${cmd}`);
    }
  }
  t.ok(count >= 45, `${count} changes`);
});
