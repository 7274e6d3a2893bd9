/**
 * How much of a soak is run: all of it alone and in one lane, less where TSROUTE2_SOAK_SHARE says so (the other lanes,
 * which are about something else, and mutants), least where the processor is emulated.
 */
import { emulated } from './emulated.js';

export const share = (all: number, least: number): number =>
  emulated ? least : Math.max(least, Math.round(all * Number(process.env.TSROUTE2_SOAK_SHARE ?? 1)));
