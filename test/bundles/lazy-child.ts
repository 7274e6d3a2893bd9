/** Prints which tables were compiled by importing the library, by opening a socket, and by two lists. */
import { Table } from '../../src/codec/table.js';

let compiled: string[] = [];
const { compile } = Table.prototype;
Table.prototype.compile = function () {
  compiled.push(this.prefix);
  return compile.call(this);
};

/** Those since the last call. */
function taken(): string[] {
  const list = compiled;
  compiled = [];
  return list;
}

const { IPRoute } = await import('../../src/index.js');
const imported = taken();
const { FakeKernel } = await import('../../src/testing/index.js');
const ipr = new IPRoute({ transport: new FakeKernel().open });
const opened = taken();
await ipr.getRoutes({ family: 'inet' });
const routes = taken();
await ipr.getLinks();
console.log(JSON.stringify({ imported, opened, routes, links: taken() }));
await ipr.close();
