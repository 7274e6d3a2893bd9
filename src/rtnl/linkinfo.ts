/** IFLA_LINKINFO: the kind of a link, and its payload under a key equal to the kind. */
import { bytes, cstrMax, nest, variant } from '../codec/leaf.js';
import { attr, type Type, type UnknownAttr } from '../codec/type.js';
import { kindVariant, type LinkKinds, type SlaveKinds, slaveVariant } from './kinds/index.js';

const table = () => ({
  kind: attr(1, cstrMax(31)),
  data: attr(2, variant(kindVariant)),
  xstats: attr(3, bytes),
  slaveKind: attr(4, cstrMax(31)),
  slaveData: attr(5, variant(slaveVariant)),
});

/** `linkinfo.vxlan.id`, `linkinfo.bridge_slave.state`: payloads by kind; `data` and `slaveData` of kinds nobody knows. */
export type LinkInfo = {
  kind?: string;
  data?: Uint8Array;
  xstats?: Uint8Array;
  /** Kind of the master. */
  slaveKind?: string;
  slaveData?: Uint8Array;
  unknown?: UnknownAttr[];
} & { [K in keyof LinkKinds]?: LinkKinds[K]['out'] } & {
  [K in keyof SlaveKinds as `${K & string}_slave`]?: SlaveKinds[K]['out'];
};

/** A kind that the library knows, with its payload. */
export type KnownKindIn = {
  [K in keyof LinkKinds]: { kind: K } & { [P in K]?: LinkKinds[K]['in'] | undefined };
}[keyof LinkKinds];

/** A kind that it does not know: its payload as bytes. Also no kind, where only the port is meant. */
export interface RawKindIn {
  kind?: string | undefined;
  data?: Uint8Array | undefined;
}

export type LinkInfoIn = (KnownKindIn | RawKindIn) & {
  xstats?: Uint8Array | undefined;
  slaveKind?: string | undefined;
  slaveData?: Uint8Array | undefined;
  unknown?: UnknownAttr[] | undefined;
} & { [K in keyof SlaveKinds as `${K & string}_slave`]?: SlaveKinds[K]['in'] | undefined };

export const linkInfo: Type<LinkInfo, LinkInfoIn> = nest<LinkInfo, LinkInfoIn>('IFLA_INFO', table);
