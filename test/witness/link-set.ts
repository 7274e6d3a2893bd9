/** What a set of links is, and what the sets share. */
import type { LinkSpec } from 'tsroute2';

export interface LinkSet {
  /** What the test is called. */
  name: string;
  /** Kinds that the kernel must have. */
  kinds: readonly string[];
  /** The version that the kernel and `ip` must have at least. */
  needs?: string;
  /** Modules that do not load by themselves; they are loaded in the virtual machine only. */
  modules?: readonly string[];
  /** Made by us, in order. `link` and `master` are names. */
  ours: readonly Step[];
  /** The same, made by `ip -batch`. */
  ip: readonly string[];
  /** `ip` runs once a line: its -batch takes options of one line for those of the next. */
  apart?: boolean;
  /** What is changed afterwards, by us. */
  changes: readonly Step[];
}

/** A change, or one that needs the index of a link. */
export type Step = readonly ['add' | 'set' | 'del' | 'property_add' | 'property_del', LinkSpec];

export const A = '02:00:00:00:00:10';
export const B = '02:00:00:00:00:11';

/** A pair to build on. */
export const pair = (a: string, b: string): Step => ['add', { ifname: a, kind: 'veth', peer: b }];
export const UP = { state: 'up' } as const;
