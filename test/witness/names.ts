/** Names of interfaces for rows whose machine is gone: an index means the same name throughout a scene. */
import { atLeast, type Json } from './compare.js';
import type { Names } from './words.js';

/** Keys of kinds that hold an index of a link, and what `ip` calls them. */
const LINK_KEYS: readonly (readonly [string, string])[] = [
  ['link', 'link'],
  ['activeSlave', 'active_slave'],
  ['primary', 'primary'],
  ['slave1', 'slave1'],
  ['slave2', 'slave2'],
  ['interlink', 'interlink'],
];

/** Indices in the payload of a kind, each with the name that `ip` printed. */
export function lowerLinks(
  info: object | undefined,
  printed: Readonly<Record<string, Json>>,
): (readonly [number | undefined, Json | undefined])[] {
  const payloads = Object.values(info ?? {}).filter((value) => typeof value === 'object') as Record<string, number>[];
  return payloads.flatMap((o) => LINK_KEYS.map(([ours, theirs]) => [o[ours], printed[theirs]] as const));
}

export class NamesFromWitness {
  readonly #scenes = new Map<string, Map<number, string>>();

  /** Takes what iproute2 called an index, unless it is known already: then a comparison tells whether it is the same. */
  learn(scene: string, ...pairs: (readonly [number | undefined, Json | undefined])[]): void {
    const known = this.#scenes.get(scene) ?? new Map<number, string>();
    this.#scenes.set(scene, known);
    for (const [index, name] of pairs) {
      // A link that is gone has no name left.
      const gone = name === `if${index}`;
      if (index && typeof name === 'string' && (gone || !known.has(index))) known.set(index, name);
    }
  }

  /** The name that a message of the link itself has: it may be a new one. */
  rename(scene: string, index: number, name: Json | undefined): void {
    if (typeof name === 'string') this.#scenes.set(scene, new Map(this.#scenes.get(scene)).set(index, name));
  }

  /** `iproute2` is the one that printed the row: 6.1.0 where it does not say. */
  of(scene: string, iproute2 = '6.1.0'): Names {
    const known = this.#scenes.get(scene);
    return {
      name: (index) => known?.get(index) ?? `if${index}`,
      up: () => undefined,
      user: (uid) => known?.get(uid) ?? String(uid),
      group: (gid) => gid,
      ip: (version) => atLeast(iproute2, version),
    };
  }
}
