/** What a message about a link is about, without decoding it: every message of that type is looked at. */
import { align4, LITTLE } from '../codec/bytes.js';

const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
/** Where attributes start: behind struct nlmsghdr and struct ifinfomsg. */
const ATTRS = 32;

/** Calls `see` with each attribute of `[p, end)`. */
function each(view: DataView, p: number, end: number, see: (type: number, start: number, end: number) => void): void {
  for (let at = p; end - at >= 4; ) {
    const length = view.getUint16(at, LITTLE);
    if (length < 4 || length > end - at) return;
    see(view.getUint16(at + 2, LITTLE) & 0x3fff, at + 4, at + length);
    at += align4(length);
  }
}

export interface About {
  kind: string | undefined;
  /** Index of the master, 0 to have none; undefined when it is not said. */
  master: number | undefined;
}

/** Kind and master in a message about a link. */
export function about(message: Uint8Array): About {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const found: About = { kind: undefined, master: undefined };
  each(view, ATTRS, message.length, (type, start, end) => {
    if (type === IFLA_MASTER && end - start >= 4) found.master = view.getUint32(start, LITTLE);
    if (type !== IFLA_LINKINFO) return;
    each(view, start, end, (inner, from, to) => {
      if (inner !== IFLA_INFO_KIND) return;
      const text = message.subarray(from, to);
      const zero = text.indexOf(0);
      found.kind = Buffer.from(zero < 0 ? text : text.subarray(0, zero)).toString('latin1');
    });
  });
  return found;
}
