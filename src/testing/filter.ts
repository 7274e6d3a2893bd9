/** Runs classic BPF programs over notifications, as far as programs of a monitor's filter need it. */
import { LITTLE } from '../codec/bytes.js';
import { viewOf } from './wire.js';

/** SKF_AD_OFF + SKF_AD_NLATTR: A becomes the place of the attribute of type X, sought from A on, or 0. */
const FIND_ATTRIBUTE = 0xfffff00c;

function findAttribute(packet: DataView, from: number, type: number): number {
  for (let p = from; p + 4 <= packet.byteLength; ) {
    const length = packet.getUint16(p, LITTLE);
    if (length < 4 || p + length > packet.byteLength) return 0;
    if ((packet.getUint16(p + 2, LITTLE) & 0x3fff) === type) return p;
    p += (length + 3) & ~3;
  }
  return 0;
}

/** Whether a program lets a datagram through. A load beyond its end drops it, as an instruction unknown here does. */
export function accepts(program: Uint8Array, datagram: Uint8Array): boolean {
  const code = viewOf(program);
  const packet = viewOf(datagram);
  let a = 0;
  let x = 0;
  for (let pc = 0; pc >= 0 && 8 * pc + 8 <= program.length; pc++) {
    const k = code.getUint32(8 * pc + 4, LITTLE);
    const jump = (taken: boolean): void => {
      pc += code.getUint8(8 * pc + (taken ? 2 : 3));
    };
    switch (code.getUint16(8 * pc, LITTLE)) {
      case 0x20: // word at k, in network order
        if (k === FIND_ATTRIBUTE) a = findAttribute(packet, a, x);
        else if (k + 4 > packet.byteLength) return false;
        else a = packet.getUint32(k);
        break;
      case 0x30: // byte at k
        if (k >= packet.byteLength) return false;
        a = packet.getUint8(k);
        break;
      case 0x40: // word at x + k
        if (x + k + 4 > packet.byteLength) return false;
        a = packet.getUint32(x + k);
        break;
      case 0x00:
        a = k;
        break;
      case 0x01:
        x = k;
        break;
      case 0x07:
        x = a;
        break;
      case 0x54:
        a = (a & k) >>> 0;
        break;
      case 0x05:
        pc += k;
        break;
      case 0x15:
        jump(a === k);
        break;
      case 0x06:
        return k !== 0;
      default:
        return false;
    }
  }
  return false;
}
