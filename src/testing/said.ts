/** What requests about routes and rules of both families may say. */
import { E, refuse } from './errno.js';
import { RTA } from './numbers.js';
import { Attrs } from './wire.js';

const CC_ALGO = 16;
/** Algorithms that a kernel has without modules. */
const ALGORITHMS = ['reno', 'cubic'];

/** The two lower bits are those of congestion, not of the service. */
export function checkDsfield(tos: number): void {
  if (tos & 3) refuse(E.INVAL, 'Invalid dsfield (tos): ECN bits must be 0');
}

/** Whether a route says itself where it leads to. */
export const saysHops = (attrs: Attrs): boolean =>
  (attrs.u32(RTA.OIF) ?? 0) !== 0 || [RTA.GATEWAY, RTA.VIA, RTA.MULTIPATH, RTA.ENCAP].some((type) => attrs.has(type));

/** A route over an object has no next hop of its own. */
export function checkObject(attrs: Attrs): void {
  if ((attrs.u32(RTA.NH_ID) ?? 0) !== 0 && saysHops(attrs))
    refuse(E.INVAL, 'Nexthop specification and nexthop id are mutually exclusive');
}

/** Metrics of a route. */
export function metricsOf(attrs: Attrs): Uint8Array | undefined {
  const metrics = attrs.get(RTA.METRICS)?.slice();
  const algorithm = metrics === undefined ? undefined : new Attrs(metrics, 0).str(CC_ALGO);
  if (algorithm !== undefined && !ALGORITHMS.includes(algorithm)) refuse(E.INVAL, 'Unknown tcp congestion algorithm');
  return metrics;
}
