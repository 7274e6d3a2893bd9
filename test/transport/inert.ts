/** What a transport in memory need not do. */
import type { Transport } from '../../src/transport/transport.js';

type Inert = 'fd' | 'watch' | 'ref' | 'unref' | 'join' | 'leave' | 'setOption' | 'getOption' | 'drops';

export const INERT: Pick<Transport, Inert> = {
  fd: -1,
  watch() {},
  ref() {},
  unref() {},
  join: () => 0,
  leave: () => 0,
  setOption: () => 0,
  getOption: () => 212992,
  drops: () => 0,
};
