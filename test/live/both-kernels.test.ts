/** The tests of both.ts on the real kernel and on the fake one: they see the same. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { IPRoute, netns } from 'tsroute2';
import { kernelAtLeast } from '../witness/compare.js';
import { type Part, Sight } from './both.js';
import { onFake } from './both-fake.js';
import { parts } from './both-parts.js';

// A guest without KVM is slow.
t.setTimeout(900_000);

/** How many parts are on the real kernel at once: most of their time they wait for it. */
const AT_ONCE = 6;

/**
 * In a guest, modules of tunnels put a device of theirs into each new namespace, which the fake kernel does not have:
 * not while these tests make namespaces.
 */
function tunnels(everywhere: boolean): void {
  if (process.env.TSROUTE2_VM === undefined) return;
  const setting = `net.core.fb_tunnels_only_for_init_net=${everywhere ? 0 : 2}`;
  execFileSync('nsenter', ['--net=/proc/1/ns/net', 'sysctl', '-qw', setting]);
}

/** A namespace in which addresses are not looked for elsewhere first: that would take seconds. */
async function quiet(name: string): Promise<void> {
  await netns.create(name);
  for (const which of ['all', 'default']) await netns.sysctl(name, `net.ipv6.conf.${which}.accept_dad`, 0);
}

async function onReal(part: Part, i: number): Promise<string[]> {
  const [here, there] = [`both-${i}`, `both-${i}-other`];
  for (const name of [here, there]) await quiet(name);
  const ipr = new IPRoute({ netns: here });
  const other = new IPRoute({ netns: there });
  const fd = openSync(`/run/netns/${there}`, 'r');
  const see = new Sight();
  try {
    // States of carriers follow within a second.
    await part.run({ ipr, other: { ipr: other, fd }, settle: () => sleep(1300) }, see);
  } finally {
    closeSync(fd);
    await ipr.close();
    await other.close();
    for (const name of [here, there]) await netns.remove(name);
  }
  return see.log;
}

/** What each part saw on the real kernel, or what went wrong. The first test waits for all of them. */
let seen: Promise<readonly PromiseSettledResult<string[]>[]> | undefined;

async function onRealAll(): Promise<readonly PromiseSettledResult<string[]>[]> {
  tunnels(false);
  const results: PromiseSettledResult<string[]>[] = [];
  const left = [...parts.entries()];
  const some = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [i, part] = next;
      [results[i]] = await Promise.allSettled([onReal(part, i)]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
  tunnels(true);
  return results;
}

parts.forEach((part, i) => {
  const skip = kernelAtLeast('6.18') ? false : 'the fake kernel is Linux 6.18';
  t.test(`${part.area}: ${part.name}`, { skip }, async (t) => {
    seen ??= onRealAll();
    const result = (await seen)[i]!;
    if (result.status === 'rejected') throw result.reason;
    const real = result.value;
    const fake = await onFake(part);
    t.ok(real.length >= 5, `${real.length} sights`);
    t.same(fake, real, 'the fake kernel shows the same');
  });
});
