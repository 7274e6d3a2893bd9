/** Extended acknowledgements: NLMSGERR_ATTR_* of linux/netlink.h. */
import type { Bytes } from '../codec/bytes.js';
import { NLMSG_HDRLEN } from '../codec/header.js';
import { bytes, cstr, u32 } from '../codec/leaf.js';
import { readAttrs, takeIssues } from '../codec/read.js';
import { Table } from '../codec/table.js';
import { attr, type Out, type Rec } from '../codec/type.js';
import { type PolicyAttrs, policyType } from '../genl/policy-attrs.js';
import type { AttributePolicy } from './errors.js';

const errTable = () => ({
  msg: attr(1, cstr),
  offs: attr(2, u32),
  cookie: attr(3, bytes),
  policy: attr(4, policyType),
  missType: attr(5, u32),
  missNest: attr(6, u32),
});

/** What an acknowledgement says besides the errno. */
export interface ExtAck extends Out<typeof errTable> {}

const table = new Table('NLMSGERR_ATTR', errTable);

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
export function policyOf(policy: PolicyAttrs | undefined): AttributePolicy | undefined {
  if (policy === undefined) return undefined;
  const min = policy.minValueU ?? policy.minValueS;
  const max = policy.maxValueU ?? policy.maxValueS;
  return {
    ...(policy.type !== undefined && { type: policy.type }),
    ...(min !== undefined && { min: Number(min) }),
    ...(max !== undefined && { max: Number(max) }),
    ...(policy.minLength !== undefined && { minLength: policy.minLength }),
    ...(policy.maxLength !== undefined && { maxLength: policy.maxLength }),
    ...(policy.mask !== undefined && { mask: policy.mask }),
  };
}
