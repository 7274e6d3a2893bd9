/** Where cycles run: a namespace with a device and a table of routes that takes several turns to read. */
import { accessSync, constants } from 'node:fs';
import { IPRoute, netns } from 'tsroute2';

/** More than one turn of a list receives, so that it can be left in the middle. */
const ROUTES = 6000;

/** What a cycle needs. */
export interface Arena {
  /** Name of the namespace. */
  readonly netns: string;
  /** A whole number below `n`. */
  below(n: number): number;
  /** A name that no other cycle has. */
  unique(): string;
  /** Lives as long as the process: whatever adds itself to it must take itself off. */
  readonly stop: AbortSignal;
  /** Whether tun devices can be made. */
  readonly tun: boolean;
}

/** Chance that is the same for the same seed (xorshift). */
export function chance(seed: number): (n: number) => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

export function arena(name: string, mark: string, seed: number): Arena {
  let made = 0;
  let tun = true;
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    tun = false;
  }
  return {
    netns: name,
    below: chance(seed),
    unique: () => `${mark}${made++}`,
    stop: new AbortController().signal,
    tun,
  };
}

/** Makes the namespace. */
export async function prepare(name: string): Promise<void> {
  await netns.create(name);
  const ipr = new IPRoute({ netns: name });
  try {
    await ipr.link('set', { dev: 'lo', state: 'up' });
    await ipr.link('add', { ifname: 'd0', kind: 'bridge', state: 'up' });
    await ipr.addr('add', { dev: 'd0', address: '192.0.2.1/24' });
    const batch = ipr.batch();
    for (let i = 0; i < ROUTES; i++) batch.route('add', { dst: `10.0.${i >> 8}.${i & 255}/32`, dev: 'd0' });
    await batch.commit();
  } finally {
    await ipr.close();
  }
}
