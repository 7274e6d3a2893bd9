/** Options of a link, or of a port. */

/** Attributes of a kind's options in the kernel's order, as `[type, bytes]`. */
export type Options = (readonly [type: number, data: Uint8Array])[];

export const optionOf = (options: Options, type: number): Uint8Array | undefined =>
  options.find(([t]) => t === type)?.[1];
