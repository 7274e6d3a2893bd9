/**
 * Message classes, for programs that handle messages themselves: read one from bytes, change it, write it back.
 *
 *     const m = new ifinfmsg(data);
 *     m.decode();
 *     m.value.mtu = 1400;
 *     m.reset();
 *     m.encode();
 *     send(m.buf);
 */
import { aligned } from './bytes.js';
import { DecodeError, InputError } from './errors.js';
import { beginMessage, endMessage, NLMSG_HDRLEN, type NlHeader, readHeader } from './header.js';
import { MessageDef, type MessageSpec } from './message.js';
import { readAttrs, takeIssues } from './read.js';
import { struct } from './struct.js';
import { Table } from './table.js';
import type { AttrMap, Rec } from './type.js';
import { isRec, writeAttrs } from './write.js';
import { Writer } from './writer.js';

/** The value at a path of keys or kernel names: `'mtu'`, `'IFLA_MTU'`, `'linkinfo.vxlan.id'`. */
function at(table: Table, value: Rec, path: string): unknown {
  const [first = '', ...rest] = path.split('.');
  let found: unknown = value[table.keyOf(first) ?? first];
  for (const key of rest) found = isRec(found) ? found[key] : undefined;
  return found;
}

/** A netlink message with its header. */
export class NetlinkMessageBase<O extends object, I> {
  readonly def: MessageDef<O, I>;
  /** The netlink header; `encode` sets `len`. */
  header: NlHeader = { len: 0, type: 0, flags: 0, seq: 0, pid: 0 };
  /** The message's members and attributes. */
  value: O;
  /** The whole message as bytes: what it was made from, or what `encode` wrote. */
  buf: Uint8Array;

  /** Made from the bytes of a whole message, to be decoded; or from a value, to be encoded. */
  constructor(def: MessageDef<O, I>, data?: Uint8Array | (I & object)) {
    this.def = def;
    this.buf = data instanceof Uint8Array ? data : new Uint8Array(0);
    this.value = (data === undefined || data instanceof Uint8Array ? {} : data) as O;
  }

  /** Reads header and value from `buf`. Throws DecodeError when a header does not fit. */
  decode(options: { strict?: boolean } = {}): this {
    const s = aligned(this.buf);
    this.header = readHeader(s, 0, this.buf.length);
    this.value = this.def.read(s, NLMSG_HDRLEN, this.header.len - NLMSG_HDRLEN, options.strict);
    return this;
  }

  /** Empties `buf`, so that the next `encode` starts anew. The value stays. */
  reset(): this {
    this.buf = new Uint8Array(0);
    return this;
  }

  /** Writes header and value into `buf`. Throws InputError; interfaces must be given by index. */
  encode(): this {
    const w = new Writer(512);
    const { type, flags, seq, pid } = this.header;
    const p = beginMessage(w, type, flags, seq, pid);
    this.def.write(w, this.value as Rec);
    if (w.references.length > 0)
      throw new InputError('ERR_INVALID_VALUE', 'dev', 'a message takes the index of an interface, not its name');
    endMessage(w, p);
    this.buf = w.bytes();
    this.header.len = this.buf.length;
    return this;
  }

  /** The value of a key, a kernel name or a path: `'mtu'`, `'IFLA_MTU'`, `'linkinfo.vxlan.id'`. */
  get(path: string): unknown {
    return at(this.def.table, this.value as Rec, path);
  }
}

/** What `nlmsg` makes: a class with its table. */
export interface NetlinkMessageClass<O extends object, I> {
  new (data?: Uint8Array | (I & object)): NetlinkMessageBase<O, I>;
  readonly def: MessageDef<O, I>;
}

/** A message class to inherit from: `class mymsg extends nlmsg({ name, prefix, header, table, types }) {}`. */
export function nlmsg<O extends object = Rec, I = O>(
  spec: MessageDef<O, I> | MessageSpec<object>,
): NetlinkMessageClass<O, I> {
  const def = spec instanceof MessageDef ? spec : new MessageDef<O, I>(spec);
  return class extends NetlinkMessageBase<O, I> {
    static readonly def = def;
    constructor(data?: Uint8Array | (I & object)) {
      super(def, data);
    }
  };
}

/** struct genlmsghdr of linux/genetlink.h. */
const genlHeader = struct((r) => ({ cmd: r.u8(0), version: r.u8(1) }), 4);

/** A generic netlink message class to inherit from: `class mymsg extends genlmsg({ name, prefix, table }) {}`. */
export function genlmsg<O extends object = Rec, I = O>(
  spec: Omit<MessageSpec<object>, 'header' | 'types'> & { types?: MessageSpec<object>['types'] },
): NetlinkMessageClass<O, I> {
  return nlmsg<O, I>({ types: {}, ...spec, header: genlHeader });
}

/** An attribute with attributes of its own, apart from a message. */
export class NlaBase<O extends object, I> {
  readonly table: Table;
  value: O;
  /** The attributes as bytes, without a header around them. */
  buf: Uint8Array;

  /** Made from bytes, to be decoded; or from a value, to be encoded. */
  constructor(table: Table, data?: Uint8Array | (I & object)) {
    this.table = table;
    this.buf = data instanceof Uint8Array ? data : new Uint8Array(0);
    this.value = (data === undefined || data instanceof Uint8Array ? {} : data) as O;
  }

  /** Reads the value from `buf`; what is unknown stays in `value.unknown`. With `strict` a bad attribute throws DecodeError. */
  decode(options: { strict?: boolean } = {}): this {
    const value: Rec = {};
    readAttrs(this.table, aligned(this.buf), 0, this.buf.length, value, 0);
    const issues = takeIssues();
    if (issues !== null && options.strict) throw new DecodeError(issues[0]!);
    if (issues !== null) value.errors = issues;
    this.value = value as O;
    return this;
  }

  /** Empties `buf`. The value stays. */
  reset(): this {
    this.buf = new Uint8Array(0);
    return this;
  }

  /** Writes the value into `buf`. Throws InputError. */
  encode(): this {
    const w = new Writer(256);
    const { errors: _, ...value } = this.value as Rec;
    writeAttrs(this.table, w, value, 0);
    this.buf = w.bytes();
    return this;
  }

  /** The value of a key, a kernel name or a path. */
  get(path: string): unknown {
    return at(this.table, this.value as Rec, path);
  }
}

/** What `nla` makes: a class with its table. */
export interface NlaClass<O extends object, I> {
  new (data?: Uint8Array | (I & object)): NlaBase<O, I>;
}

/** An attribute class to inherit from: `class mynla extends nla('MY_ATTR', table) {}`. */
export function nla<O extends object = Rec, I = O>(prefix: string, attrs: AttrMap | (() => AttrMap)): NlaClass<O, I> {
  const table = new Table(prefix, attrs);
  return class extends NlaBase<O, I> {
    constructor(data?: Uint8Array | (I & object)) {
      super(table, data);
    }
  };
}
