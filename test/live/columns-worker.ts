/** Reads columns that were transferred to it: posts a line of text a route. */
import { parentPort } from 'node:worker_threads';
import { addressAt, type RouteColumns } from 'tsroute2';

parentPort!.once('message', ({ length, data }: RouteColumns) => {
  const lines: string[] = [];
  for (let i = 0; i < length; i++) {
    const family = data.family[i]!;
    const prefix = data.dstLen[i] === 0 ? 'default' : `${addressAt(data.dst, i, family)}/${data.dstLen[i]}`;
    const via = addressAt(data.gateway, i, family);
    const numbers = [data.table, data.protocol, data.scope, data.type, data.priority, data.oif].map(
      (column) => column[i],
    );
    lines.push([family, prefix, via, ...numbers].join(' '));
  }
  parentPort!.postMessage(lines);
});
