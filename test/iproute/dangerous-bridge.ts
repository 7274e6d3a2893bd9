/** Deletions and flushes of next hops and of bridges' tables that say less than is meant: none may reach the kernel. */
import { dangerousNexthops } from './bad-nexthops.js';
import type { Case } from './calls.js';

export const dangerousBridge: Readonly<Record<string, Case[]>> = { 'next hops': dangerousNexthops };
