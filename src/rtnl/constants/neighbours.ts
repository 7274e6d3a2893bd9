/** Constants of neighbours and forwarding entries. Every object is keyed by the kernel's word. */

/** States of a neighbour: NUD_* of linux/neighbour.h. `none` is no bit. */
export const NUD = {
  none: 0,
  incomplete: 0x1,
  reachable: 0x2,
  stale: 0x4,
  delay: 0x8,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
} as const;

/** Flags of a neighbour: NTF_* of linux/neighbour.h. `extern_learn` is `ip`'s word for `ext_learned`. */
export const NTF = {
  use: 0x1,
  self: 0x2,
  master: 0x4,
  proxy: 0x8,
  ext_learned: 0x10,
  extern_learn: 0x10,
  offloaded: 0x20,
  sticky: 0x40,
  router: 0x80,
} as const;

/** More flags of a neighbour, in `flagsExt`: NTF_EXT_* of linux/neighbour.h. */
export const NTF_EXT = {
  /** Kept resolved by the kernel (Linux 5.16). */
  managed: 0x1,
  /** A locked port's entry that waits for authentication (Linux 6.2). */
  locked: 0x2,
  /** Validated by the program that made it (Linux 6.18). */
  ext_validated: 0x4,
} as const;
