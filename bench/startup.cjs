'use strict';

/**
 * The start of a program: `node bench/startup.cjs startup` loads the library and lists the links, and
 * `node bench/startup.cjs nothing` does neither, to compare with. Both load what measures, and print one JSON line as the
 * other contestants do.
 */
const m = require('./measure.cjs');

function end(n) {
  m.report(n);
  process.exit(0);
}

m.start();
if (process.argv[2] === 'nothing') end(1);
else {
  const { IPRoute } = require('tsroute2');
  new IPRoute().getLinks().then(({ length }) => end(length));
}
