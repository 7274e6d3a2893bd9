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

/** In a guest, modules of tunnels put a device of theirs into each new namespace, which the fake kernel does not have. */
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
  tunnels(false);
  for (const name of [here, there]) await quiet(name);
  tunnels(true);
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

parts.forEach((part, i) => {
  const skip = kernelAtLeast('6.18') ? false : 'the fake kernel is Linux 6.18';
  t.test(`${part.area}: ${part.name}`, { skip }, async (t) => {
    const real = await onReal(part, i);
    const fake = await onFake(part);
    t.ok(real.length >= 5, `${real.length} sights`);
    t.same(fake, real, 'the fake kernel shows the same');
  });
});
