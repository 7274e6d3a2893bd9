/** How the loops of loops.ts are counted, and what they read, in hexadecimal. */
import { fileURLToPath } from 'node:url';
import { rows } from '../rtnl/tlv.js';

/** A link with all that the kernel says of it. */
export const LINK = rows('links').find(({ name }) => name === 'veth: add peer mtu 1300 / reply')?.hex ?? '';
/** A route by a gateway with a metric: table, dst, priority, gateway, oif. */
export const ROUTE =
  '4400000018000200010000000000000002180000fe0400010000000008000f00fe000000080001001001020008000600' +
  '64000000080005000aff00020800040007000000';

// What is left to collect is collected before a loop is counted: when else depends on as little as the length of a path.
const NODE = ['--single-threaded', '--predictable', '--hash-seed=1', '--random-seed=1', '--min-semi-space-size=64'];
const TOOL = ['--tool=callgrind', '--smc-check=all-non-file', '--dump-before=uv_uptime'];

/** Arguments of valgrind, which writes `out.1`, `out.2`...: what ran before each loop, the loop N times, 2 N times. */
export const counting = (out: string, tool: readonly string[] = [], node: readonly string[] = []): string[] => [
  ...[...TOOL, ...tool, `--callgrind-out-file=${out}`, process.execPath],
  ...[...NODE, '--expose-gc', ...node, fileURLToPath(new URL('./loops.js', import.meta.url)), ROUTE, LINK],
];
