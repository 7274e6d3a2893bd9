/** How the tables of refused calls are written. */
import type { Batch, IPRoute } from '../../src/index.js';
import type { Recorder } from './recorder.js';

/** Calls as plain JavaScript makes them: nothing is checked at compile time. */
// biome-ignore lint/suspicious/noExplicitAny: the point of this file is what types would refuse
export type Loose<T> = { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? (...args: any[]) => any : T[K] };
export type Call = (ipr: Loose<IPRoute>, recorder: Recorder) => unknown;
export type Case = [what: string, call: Call, code: string, field: string];

export const link =
  (cmd: string, spec: unknown, ...more: unknown[]): Call =>
  (ipr) =>
    ipr.link(cmd, spec, ...more);
export const addr =
  (cmd: string, spec: unknown, ...more: unknown[]): Call =>
  (ipr) =>
    ipr.addr(cmd, spec, ...more);
export const route =
  (cmd: string, spec: unknown, ...more: unknown[]): Call =>
  (ipr) =>
    ipr.route(cmd, spec, ...more);
export const batch =
  (use: (batch: Loose<Batch>) => unknown): Call =>
  (ipr) =>
    use(ipr.batch() as Loose<Batch>);
export const open =
  (options: unknown): Call =>
  (_ipr, recorder) =>
    recorder.iproute(options as never);
export const vxlan = (data: unknown): Call => link('add', { ifname: 'vx0', kind: 'vxlan', vxlan: data });
export const polluted = (key: string): object =>
  JSON.parse(`{ "ifname": "x", "kind": "dummy", "${key}": { "mtu": 1 } }`) as object;

export const LONG = 'x'.repeat(100_000);
export const UNKNOWN = 'ERR_UNKNOWN_KEY';
export const INVALID = 'ERR_INVALID_VALUE';
export const RANGE = 'ERR_OUT_OF_RANGE';
export const MISSING = 'ERR_MISSING_KEY';
export const CONFLICT = 'ERR_CONFLICT';
export const UNDEFINED = 'ERR_UNDEFINED_SELECTOR';
export const dst = '10.0.0.0/8';
