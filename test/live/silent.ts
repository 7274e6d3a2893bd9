/** A transport whose other end never answers. */
import type { Transport } from 'tsroute2';

const EAGAIN = 11;

export function openSilent(protocol: number): Transport {
  let alive: NodeJS.Timeout | undefined;
  const nothing = (meta: Int32Array) => {
    meta[0] = EAGAIN;
    meta[1] = 0;
    return 0;
  };
  const unwatch = () => {
    clearInterval(alive);
    alive = undefined;
  };
  return {
    protocol,
    portid: 1,
    fd: -1,
    send: (data) => data.length,
    receive: (_area, meta) => nothing(meta),
    exchange: (data, _area, meta) => {
      nothing(meta);
      return data.length;
    },
    // Watching keeps the process alive, as a socket does.
    watch: (onReadable) => {
      unwatch();
      if (onReadable !== null) alive = setInterval(() => {}, 1000);
    },
    ref: () => {},
    unref: () => {},
    join: () => 0,
    leave: () => 0,
    setOption: () => 0,
    getOption: () => 212_992,
    drops: () => 0,
    close: unwatch,
  };
}
