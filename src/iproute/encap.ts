/** Encapsulations of routes as input takes them. */
import { InputError } from '../codec/errors.js';
import { isRec } from '../codec/write.js';
import { LWTUNNEL_ENCAP } from '../rtnl/encaps/index.js';

/** Names the encapsulation whose payload is given: `{ encap: { mpls: { dst: '100/200' } } }` needs no `encapType`. */
export function withEncapType<T extends { encap?: unknown; encapType?: unknown }>(spec: T, field = ''): T {
  const { encap, encapType } = spec;
  if (encap === undefined || encapType !== undefined || !isRec(encap)) return spec;
  const names = Object.keys(encap).filter((name) => encap[name] !== undefined);
  const [name] = names;
  if (names.length !== 1 || name === undefined || !Object.hasOwn(LWTUNNEL_ENCAP, name)) {
    const text = names.includes('data') ? 'is needed with raw data' : 'is needed unless encap has one known payload';
    throw new InputError('ERR_MISSING_KEY', `${field}encapType`, text);
  }
  return { ...spec, encapType: name };
}
