/** Whether the processor is emulated: then times mean nothing, and large numbers take minutes. */
import { readFileSync } from 'node:fs';

export const emulated = /QEMU|TCG/.test(readFileSync('/proc/cpuinfo', 'utf8'));
