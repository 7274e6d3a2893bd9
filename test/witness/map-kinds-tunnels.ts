/** `linkinfo.info_data` of `ip -j -d link`: geneve and the tunnels over IP. */
import type { LinkRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { hex, type Names, when, yes } from './words.js';

type Info = NonNullable<LinkRow['linkinfo']>;
type Payload<K extends keyof Info> = NonNullable<Info[K]>;

export const geneve = (o: Payload<'geneve'>, names: Names): Mapped => ({
  external: yes(o.collectMetadata),
  id: o.id,
  remote: o.remote === '0.0.0.0' ? undefined : o.remote,
  remote6: o.remote6 === '::' ? undefined : o.remote6,
  ttl: when(o.ttl, !o.ttlInherit),
  tos: o.tos === 0 ? undefined : hex(o.tos),
  df: o.df,
  label: o.label === 0 ? undefined : hex(o.label),
  port: o.port,
  udp_csum: o.udpCsum,
  udp_zero_csum6_tx: o.udpZeroCsum6Tx,
  udp_zero_csum6_rx: o.udpZeroCsum6Rx,
  inner_proto_inherit: when(yes(o.innerProtoInherit), names.ip('5.18')),
});

export const xfrm = (o: Payload<'xfrm'>): Mapped => ({
  external: yes(o.collectMetadata),
  if_id: hex(o.ifId),
});
