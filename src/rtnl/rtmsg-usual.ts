/** The routes that fill tables, as the kernel writes them into a dump. */
import type { UsualLiteral } from '../codec/usual.js';

/** IPv4 by a gateway. */
const gateway4: UsualLiteral = (r, a) => ({
  family: r.u8(0),
  dst: a.prefix(1),
  tos: r.u8(3),
  table: a.u32(0),
  protocol: r.u8(5),
  scope: r.u8(6),
  type: r.u8(7),
  flags: r.u32(8),
  gateway: a.ip(2),
  oif: a.u32(3),
});
/** The same with a metric. */
const gatewayMetric4: UsualLiteral = (r, a) => ({
  family: r.u8(0),
  dst: a.prefix(1),
  tos: r.u8(3),
  table: a.u32(0),
  protocol: r.u8(5),
  scope: r.u8(6),
  type: r.u8(7),
  flags: r.u32(8),
  priority: a.u32(2),
  gateway: a.ip(3),
  oif: a.u32(4),
});
/** IPv4 on a link. */
const link4: UsualLiteral = (r, a) => ({
  family: r.u8(0),
  dst: a.prefix(1),
  tos: r.u8(3),
  table: a.u32(0),
  protocol: r.u8(5),
  scope: r.u8(6),
  type: r.u8(7),
  flags: r.u32(8),
  oif: a.u32(2),
});
/** IPv4 of an own address. */
const source4: UsualLiteral = (r, a) => ({
  family: r.u8(0),
  dst: a.prefix(1),
  tos: r.u8(3),
  table: a.u32(0),
  protocol: r.u8(5),
  scope: r.u8(6),
  type: r.u8(7),
  flags: r.u32(8),
  prefsrc: a.ip(2),
  oif: a.u32(3),
});
/** IPv6 by a gateway. */
const gateway6: UsualLiteral = (r, a) => ({
  family: r.u8(0),
  dst: a.prefix(1),
  tos: r.u8(3),
  table: a.u32(0),
  protocol: r.u8(5),
  scope: r.u8(6),
  type: r.u8(7),
  flags: r.u32(8),
  priority: a.u32(2),
  gateway: a.ip(3),
  oif: a.u32(4),
  cacheinfo: a.struct(5),
  pref: a.word(6),
});
/** IPv6 on a link. */
const link6: UsualLiteral = (r, a) => ({
  family: r.u8(0),
  dst: a.prefix(1),
  tos: r.u8(3),
  table: a.u32(0),
  protocol: r.u8(5),
  scope: r.u8(6),
  type: r.u8(7),
  flags: r.u32(8),
  priority: a.u32(2),
  oif: a.u32(3),
  cacheinfo: a.struct(4),
  pref: a.word(5),
});

export const USUAL_ROUTES: readonly UsualLiteral[] = [gateway4, gatewayMetric4, link4, source4, gateway6, link6];
