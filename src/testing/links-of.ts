/** Links that requests name. */
import { E, refuse } from './errno.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';

/** The link of an index. Throws ENODEV, with the words that the kernel has for it there. */
export const linkFor = (ns: Namespace, index: number, words?: string): Link => ns.link(index) ?? refuse(E.NODEV, words);
