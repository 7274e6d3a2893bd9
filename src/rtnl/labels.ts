/** Labels of MPLS (RFC 3032), as routes between labels and encapsulations have them. */
import { InputError, show } from '../codec/errors.js';
import { custom } from '../codec/leaf.js';
import { BAD } from '../codec/read.js';
import type { Custom, Type } from '../codec/type.js';

const LABEL_MAX = 0xfffff;
const BOTTOM = 0x100;

/** Labels as `ip` writes them, outermost first: `100/200`; input also takes one number or an array. */
export type LabelsIn = string | number | readonly number[];

function parsed(value: LabelsIn): number[] {
  const parts: unknown[] =
    typeof value === 'string' ? value.split('/') : typeof value === 'number' ? [value] : [value].flat();
  const labels = parts.map((part) =>
    typeof part === 'string' && /^(0|[1-9][0-9]{0,6})$/.test(part) ? Number(part) : (part as number),
  );
  for (const label of labels)
    if (typeof label !== 'number' || !Number.isInteger(label))
      throw new InputError('ERR_INVALID_VALUE', '', `${show(value)} is not labels such as 100/200 or [100, 200]`);
    else if (label < 0 || label > LABEL_MAX)
      throw new InputError('ERR_OUT_OF_RANGE', '', `label ${label} is out of range 0..${LABEL_MAX}`);
  if (labels.length === 0) throw new InputError('ERR_INVALID_VALUE', '', 'has no label');
  return labels;
}

// A stack of 32-bit words: 20 bits of label, 3 of class, one that marks the last, 8 of TTL. The kernel takes class and TTL as 0 only.
const stack: Custom<string, LabelsIn> = {
  read(s, p, n) {
    if (n === 0 || n % 4 !== 0) return BAD as never;
    const list: number[] = [];
    for (let at = p; at < p + n; at += 4) {
      const high = (s.u8[at]! << 16) | (s.u8[at + 1]! << 8) | s.u8[at + 2]!;
      const last = at + 4 === p + n ? 1 : 0;
      if ((high & 15) !== last || s.u8[at + 3] !== 0) return BAD as never;
      list.push(high >> 4);
    }
    return list.join('/');
  },
  write(w, value) {
    const list = parsed(value);
    const p = w.reserve(4 * list.length);
    list.forEach((label, i) => {
      w.putBe32(p + 4 * i, label * 0x1000 + (i === list.length - 1 ? BOTTOM : 0));
    });
    return 4 * list.length;
  },
};

/** A stack of labels. */
export const labels = custom('label stack', stack);

/** The one label that a route is for. */
export const label: Type<string> = custom<string>('label', {
  read: stack.read,
  write(w, value, base) {
    if (parsed(value).length > 1)
      throw new InputError('ERR_INVALID_VALUE', '', `${show(value)}: a route is for one label`);
    return stack.write(w, value, base);
  },
});
