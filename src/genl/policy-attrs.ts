/** What the kernel tells of an attribute that it takes: NL_POLICY_TYPE_ATTR_* of linux/netlink.h. */
import { id64 } from '../codec/integers.js';
import { custom, nest, skip, u32 } from '../codec/leaf.js';
import { BAD, readValue } from '../codec/read.js';
import { attr, type In, type Out } from '../codec/type.js';
import { writeValue } from '../codec/write.js';

/** A signed limit of 64 bits, exact. */
const limit = custom<bigint>('signed limit', {
  read(s, p, n, base) {
    const value = readValue(id64, s, p, n, base);
    return value === BAD ? (BAD as never) : BigInt.asIntN(64, value as bigint);
  },
  write: (w, value, base) => writeValue(id64, w, BigInt.asUintN(64, value), base),
});

const table = () => ({
  /** NL_ATTR_TYPE number. */
  type: attr(1, u32),
  minValueS: attr(2, limit),
  maxValueS: attr(3, limit),
  minValueU: attr(4, id64),
  maxValueU: attr(5, id64),
  minLength: attr(6, u32),
  maxLength: attr(7, u32),
  /** Of a nest: which policy its attributes have. */
  policyIdx: attr(8, u32),
  policyMaxtype: attr(9, u32),
  bitfield32Mask: attr(10, u32),
  pad: attr(11, skip),
  /** Bits that may be set (Linux 5.10). */
  mask: attr(12, id64),
});

export interface PolicyAttrs extends Out<typeof table> {}
export interface PolicyAttrsIn extends In<typeof table> {}

export const policyType = nest<PolicyAttrs, PolicyAttrsIn>('NL_POLICY_TYPE_ATTR', table);
