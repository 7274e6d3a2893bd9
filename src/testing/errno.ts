/** Numbers of asm-generic/errno.h that the fake kernel answers with. */
export const E = {
  PERM: 1,
  NOENT: 2,
  SRCH: 3,
  IO: 5,
  BADF: 9,
  AGAIN: 11,
  NOMEM: 12,
  ACCES: 13,
  BUSY: 16,
  EXIST: 17,
  NODEV: 19,
  INVAL: 22,
  RANGE: 34,
  LOOP: 40,
  OPNOTSUPP: 95,
  ADDRNOTAVAIL: 99,
  NETDOWN: 100,
  NETUNREACH: 101,
  NOBUFS: 105,
  HOSTUNREACH: 113,
  NOPROTOOPT: 92,
} as const;

/** What a handler throws: the answer to the request is this error. */
export class Refusal extends Error {
  constructor(
    /** Positive. */
    readonly errno: number,
    /** Words of the extended acknowledgement, where the kernel has some. */
    readonly words?: string,
    /** Byte in the request at which the attribute that is wrong starts. */
    readonly offset?: number,
    /** Type of an attribute that is missing. */
    readonly missing?: number,
  ) {
    super(words ?? `errno ${errno}`);
  }
}

/** Throws a Refusal. */
export function refuse(errno: number, words?: string, offset?: number, missing?: number): never {
  throw new Refusal(errno, words, offset, missing);
}
