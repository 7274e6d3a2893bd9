/** Families of the running kernel as nlctrl tells them: by name or number, remembered until they turn out to be gone. */
import { InputError, show } from '../codec/errors.js';
import type { Ctrl, CtrlIn } from '../genl/ctrl.js';
import type { GenlFamilyDef } from '../genl/family.js';
import { FAMILY_MODULES } from '../genl/modules.js';
import { NetlinkError } from './errors.js';

/** A command of a family. */
export interface GenlOpInfo {
  id: number;
  /** GENL_OP bits: `names(GENL_OP, op.flags)`. */
  flags: number;
}

/** A multicast group of a family. */
export interface GenlGroupInfo {
  name: string;
  id: number;
}

/** A family of the running kernel. */
export interface GenlFamily {
  /** Message type of the family's messages, until its module is unloaded. */
  familyId: number;
  familyName: string;
  version: number;
  /** Bytes of the family's own header behind genlmsghdr. */
  hdrsize: number;
  /** Highest attribute; 0 where it differs between commands. */
  maxattr: number;
  ops: GenlOpInfo[];
  mcastGroups: GenlGroupInfo[];
}

/** What nlctrl said, with everything in place: absent lists are empty. */
export function familyOf(row: Ctrl): GenlFamily {
  const { familyId = 0, familyName = '', version = 0, hdrsize = 0, maxattr = 0, ops = [], mcastGroups = [] } = row;
  return {
    familyId,
    familyName,
    version,
    hdrsize,
    maxattr,
    ops: ops.map(({ id = 0, flags = 0 }) => ({ id, flags })),
    mcastGroups: mcastGroups.map(({ name = '', id = 0 }) => ({ name, id })),
  };
}

/** How a family is asked for. Throws InputError for what is neither a name nor a number of one. */
export function familyKey(family: unknown): CtrlIn {
  if (typeof family === 'string' && family !== '') return { familyName: family };
  if (typeof family === 'number' && Number.isInteger(family) && family >= 16 && family <= 0xffff)
    return { familyId: family };
  throw new InputError(
    'ERR_INVALID_VALUE',
    'family',
    `expected the name or the number of a family, got ${show(family)}`,
  );
}

/** The error of a lookup, with the family's name and with the module that has it, where that is known. */
export function unknownFamily(error: unknown, family: string | number, def?: GenlFamilyDef): unknown {
  if (!(error instanceof NetlinkError && error.code === 'ENOENT')) return error;
  const module = typeof family === 'string' ? (def?.spec.module ?? FAMILY_MODULES[family]) : undefined;
  const where = module === undefined ? '' : `; the kernel module ${module} has it`;
  const { errno, op, seq } = error;
  return new NetlinkError({
    errno,
    op,
    seq,
    reason: `there is no generic netlink family ${show(family)} in this namespace${where}`,
  });
}

/** What a socket knows of families. */
export class FamilyCache {
  readonly #byName = new Map<string, GenlFamily>();
  readonly #byId = new Map<number, GenlFamily>();

  get(key: string | number): GenlFamily | undefined {
    return typeof key === 'string' ? this.#byName.get(key) : this.#byId.get(key);
  }

  add(family: GenlFamily): GenlFamily {
    this.drop(family.familyName);
    this.#byName.set(family.familyName, family);
    this.#byId.set(family.familyId, family);
    return family;
  }

  /** Forgets a family. */
  drop(name: string): void {
    const known = this.#byName.get(name);
    if (known === undefined) return;
    this.#byName.delete(name);
    this.#byId.delete(known.familyId);
  }
}
