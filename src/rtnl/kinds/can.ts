/** can: a CAN controller. IFLA_CAN_* of linux/can/netlink.h; made by its driver, not by a message. Times are in nanoseconds unless it says otherwise. */
import { array, custom, nest, structOf, u16, u32, words } from '../../codec/leaf.js';
import { BAD } from '../../codec/read.js';
import { struct } from '../../codec/struct.js';
import { cstrText } from '../../codec/text.js';
import { attr, type In, type Out, type Type } from '../../codec/type.js';
import { CAN_CTRLMODE } from '../constants.js';

const bittiming = struct(
  (r) => ({
    /** Bit/s. */
    bitrate: r.u32(0),
    /** Tenths of a percent. */
    samplePoint: r.u32(4),
    /** Length of the time quantum; the segments are counted in it. */
    tq: r.u32(8),
    propSeg: r.u32(12),
    phaseSeg1: r.u32(16),
    phaseSeg2: r.u32(20),
    sjw: r.u32(24),
    brp: r.u32(28),
  }),
  32,
);
export interface CanBittiming extends ReturnType<typeof bittiming.make> {}
const timing = structOf<CanBittiming>(bittiming);

/** struct can_bittiming_const behind its name. */
export const bittimingLimits = struct(
  (r) => ({
    tseg1Min: r.u32(16),
    tseg1Max: r.u32(20),
    tseg2Min: r.u32(24),
    tseg2Max: r.u32(28),
    sjwMax: r.u32(32),
    brpMin: r.u32(36),
    brpMax: r.u32(40),
    brpInc: r.u32(44),
  }),
  48,
);
/** What a controller can be set to. */
export interface CanBittimingConst extends ReturnType<typeof bittimingLimits.make> {
  name: string;
}
// A struct that starts with a text of fixed length.
const timingConst = custom<CanBittimingConst, never>('can_bittiming_const', {
  read: (s, p, n) =>
    n < bittimingLimits.size ? (BAD as never) : { name: cstrText(s.u8, p, 16), ...bittimingLimits.read(s, p, n) },
  write: () => 0,
});

const ctrlmode = struct((r) => ({ mask: r.u32(0), flags: r.u32(4) }), 8, { mask: CAN_CTRLMODE, flags: CAN_CTRLMODE });
type Modes = number | keyof typeof CAN_CTRLMODE | readonly (keyof typeof CAN_CTRLMODE)[];
/** CAN_CTRLMODE bits. */
export interface CanCtrlmode extends ReturnType<typeof ctrlmode.make> {}
/** The same as input takes them: bits or their words, and which are meant. */
export interface CanCtrlmodeIn {
  mask: Modes;
  flags: Modes;
}

const ctrlmodeExt = () => ({
  /** CAN_CTRLMODE bits that the controller knows. */
  supported: attr(1, u32),
});
export interface CanCtrlmodeExt extends Out<typeof ctrlmodeExt> {}
export interface CanCtrlmodeExtIn extends In<typeof ctrlmodeExt> {}

const STATE = { 'ERROR-ACTIVE': 0, 'ERROR-WARNING': 1, 'ERROR-PASSIVE': 2, 'BUS-OFF': 3, STOPPED: 4, SLEEPING: 5 };

const table = () => ({
  bittiming: attr(1, timing),
  /** Output only. */
  bittimingConst: attr(2, timingConst),
  /** Hz; output only. */
  clock: attr(3, structOf(struct((r) => ({ freq: r.u32(0) }), 4))),
  state: attr(4, words(u32, STATE)),
  ctrlmode: attr(5, structOf(ctrlmode) as Type<CanCtrlmode, CanCtrlmodeIn>),
  /** Milliseconds from a bus-off to the restart; 0: never. */
  restartMs: attr(6, u32),
  /** Restart now; input only. */
  restart: attr(7, u32),
  berrCounter: attr(8, structOf(struct((r) => ({ txerr: r.u16(0), rxerr: r.u16(2) }), 4))),
  /** CAN FD. */
  dataBittiming: attr(9, timing),
  /** CAN FD; output only. */
  dataBittimingConst: attr(10, timingConst),
  /** Ohms. */
  termination: attr(11, u16),
  terminationConst: attr(12, array(u16)),
  bitrateConst: attr(13, array(u32)),
  dataBitrateConst: attr(14, array(u32)),
  bitrateMax: attr(15, u32),
  /** Output only (Linux 6.0). */
  ctrlmodeExt: attr(17, nest<CanCtrlmodeExt, CanCtrlmodeExtIn>('IFLA_CAN_CTRLMODE', ctrlmodeExt)),
});
export interface CanData extends Out<typeof table> {}
export interface CanDataIn extends In<typeof table> {}
export const can = nest<CanData, CanDataIn>('IFLA_CAN', table);
