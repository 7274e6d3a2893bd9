/** Extended acknowledgements: NLMSGERR_ATTR_* of linux/netlink.h. */
import type { Bytes } from '../codec/bytes.js';
import { NLMSG_HDRLEN } from '../codec/header.js';
import { id64, s64 } from '../codec/integers.js';
import { bytes, cstr, nest, skip, u32, u64 } from '../codec/leaf.js';
import { readAttrs, takeIssues } from '../codec/read.js';
import { Table } from '../codec/table.js';
import { attr, type Out, type Rec } from '../codec/type.js';
import type { AttributePolicy } from './errors.js';

// NL_POLICY_TYPE_ATTR_* of linux/netlink.h.
const policyTable = {
  type: attr(1, u32),
  minValueS: attr(2, s64),
  maxValueS: attr(3, s64),
  minValueU: attr(4, u64),
  maxValueU: attr(5, u64),
  minLength: attr(6, u32),
  maxLength: attr(7, u32),
  policyIdx: attr(8, u32),
  policyMaxtype: attr(9, u32),
  bitfield32Mask: attr(10, u32),
  pad: attr(11, skip),
  mask: attr(12, id64),
} as const;
type Policy = Out<typeof policyTable>;

const errTable = {
  msg: attr(1, cstr),
  offs: attr(2, u32),
  cookie: attr(3, bytes),
  policy: attr(4, nest<Policy, never>('NL_POLICY_TYPE_ATTR', policyTable)),
  missType: attr(5, u32),
  missNest: attr(6, u32),
} as const;

/** What an acknowledgement says besides the errno. */
export interface ExtAck extends Out<typeof errTable> {}

const table = new Table('NLMSGERR_ATTR', () => errTable);

/** Reads the attributes in `[p, end)`. */
export function readExtAck(s: Bytes, p: number, end: number): ExtAck {
  const ack: Rec = {};
  readAttrs(table, s, p, end, ack, p);
  takeIssues();
  return ack as ExtAck;
}

/** Where the attributes of an NLMSG_ERROR start: behind the errno, the request's header and, unless capped, its payload. */
export function extAckStart(s: Bytes, payload: number, capped: boolean): number {
  const request = payload + 4;
  return request + (capped ? NLMSG_HDRLEN : Math.max(NLMSG_HDRLEN, (s.u32[request >> 2]! + 3) & ~3));
}

/** A policy as errors show it. */
export function policyOf(policy: Policy | undefined): AttributePolicy | undefined {
  if (policy === undefined) return undefined;
  const min = policy.minValueU ?? policy.minValueS;
  const max = policy.maxValueU ?? policy.maxValueS;
  return {
    ...(policy.type !== undefined && { type: policy.type }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(policy.minLength !== undefined && { minLength: policy.minLength }),
    ...(policy.maxLength !== undefined && { maxLength: policy.maxLength }),
    ...(policy.mask !== undefined && { mask: policy.mask }),
  };
}
