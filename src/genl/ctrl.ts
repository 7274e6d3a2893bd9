/** The family of families: nlctrl, CTRL_* of linux/genetlink.h. */
import { nlmsg } from '../codec/class.js';
import { cstr, cstrMax, nest, nestArray, u16, u32 } from '../codec/leaf.js';
import { MessageDef, type MessageExtras } from '../codec/message.js';
import { numbered } from '../codec/numbered.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { defineFamily, genlEvent, genlGet, genlMessage } from './family.js';
import { policyType } from './policy-attrs.js';

/** Number of nlctrl, the only family whose number is fixed (with two that nobody asks). */
export const GENL_ID_CTRL = 16;

/** What a command of a family can do and needs: bits of `ops[].flags`. */
export const GENL_OP = {
  /** Needs CAP_NET_ADMIN in the initial user namespace. */
  ADMIN_PERM: 0x01,
  CMD_CAP_DO: 0x02,
  CMD_CAP_DUMP: 0x04,
  CMD_CAP_HASPOL: 0x08,
  /** Needs CAP_NET_ADMIN in the user namespace of the network namespace. */
  UNS_ADMIN_PERM: 0x10,
} as const;

const opTable = () => ({ id: attr(1, u32), flags: attr(2, u32) });
interface CtrlOp extends Out<typeof opTable> {}
interface CtrlOpIn extends In<typeof opTable> {}

const groupTable = () => ({ name: attr(1, cstr), id: attr(2, u32) });
interface CtrlGroup extends Out<typeof groupTable> {}
interface CtrlGroupIn extends In<typeof groupTable> {}

const opPolicyTable = () => ({ do: attr(1, u32), dump: attr(2, u32) });
interface CtrlOpPolicy extends Out<typeof opPolicyTable> {}
interface CtrlOpPolicyIn extends In<typeof opPolicyTable> {}

const table = () => ({
  familyId: attr(1, u16),
  familyName: attr(2, cstrMax(15)),
  version: attr(3, u32),
  /** Bytes of the family's own header behind genlmsghdr. */
  hdrsize: attr(4, u32),
  maxattr: attr(5, u32),
  ops: attr(6, nestArray(nest<CtrlOp, CtrlOpIn>('CTRL_ATTR_OP', opTable))),
  mcastGroups: attr(7, nestArray(nest<CtrlGroup, CtrlGroupIn>('CTRL_ATTR_MCAST_GRP', groupTable))),
  /** By number of the policy, then of the attribute. */
  policy: attr(8, numbered(numbered(policyType))),
  /** By number of the command: which policies it has. */
  opPolicy: attr(9, numbered(nest<CtrlOpPolicy, CtrlOpPolicyIn>('CTRL_ATTR_POLICY', opPolicyTable))),
  /** Number of a command: only its policies are asked for. */
  op: attr(10, u32),
});

/** A message of nlctrl. */
export interface Ctrl extends Out<typeof table> {}
/** A message of nlctrl as input takes it. */
export interface CtrlIn extends In<typeof table> {
  unknown?: UnknownAttr[] | undefined;
}

/** Messages of nlctrl. */
export const ctrl: MessageDef<Ctrl & MessageExtras, CtrlIn> = genlMessage<Ctrl, CtrlIn>({
  name: 'ctrlmsg',
  prefix: 'CTRL_ATTR',
  table,
});

/** nlctrl: which families there are, what they can do, and which attributes they take. */
export const nlctrl = defineFamily({
  name: 'nlctrl',
  version: 2,
  directional: true,
  ops: {
    CTRL_CMD_GETFAMILY: genlGet(3, ctrl),
    /** Linux 5.8; with `op` 5.10. */
    CTRL_CMD_GETPOLICY: genlGet(10, ctrl, 'dump'),
  },
  events: {
    CTRL_CMD_NEWFAMILY: genlEvent(1, ctrl),
    CTRL_CMD_DELFAMILY: genlEvent(2, ctrl),
    CTRL_CMD_NEWMCAST_GRP: genlEvent(7, ctrl),
    CTRL_CMD_DELMCAST_GRP: genlEvent(8, ctrl),
    CTRL_CMD_GETPOLICY: genlEvent(10, ctrl),
  },
  groups: ['notify'],
});

/** A message of nlctrl with its header: `cmd`, and `headerVersion` because `version` is an attribute. */
export class ctrlmsg extends nlmsg<
  Ctrl & MessageExtras & { cmd: number; headerVersion: number },
  CtrlIn & { cmd?: number; headerVersion?: number }
>(
  new MessageDef({
    name: 'ctrlmsg',
    prefix: 'CTRL_ATTR',
    header: struct((r) => ({ cmd: r.u8(0), headerVersion: r.u8(1) }), 4),
    table,
    types: {},
  }),
) {}
