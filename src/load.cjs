'use strict';

/**
 * Loads the library's bundles. Compiling one takes longer than running it, so what V8 compiled when the package was
 * installed is kept beside the addon (tools/compile.cjs). It is used while the bundle is the same file and Node.js the
 * same version with the same flags; otherwise, and where it cannot be read, the bundle is compiled like any other file.
 */
const { mkdirSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const KEPT = join(__dirname, '../build/compiled');
/** Bytes before what V8 wrote: size of the bundle, and seconds at which it was last changed. */
const HEAD = 16;

const modules = new Map();

function identity(file) {
  const { size, mtimeMs } = statSync(file);
  const head = Buffer.alloc(HEAD);
  head.writeDoubleLE(size, 0);
  // An image of a container may keep whole seconds only.
  head.writeDoubleLE(Math.floor(mtimeMs / 1000), 8);
  return head;
}

function kept(name, file) {
  try {
    const data = readFileSync(join(KEPT, name));
    // V8 compares the lengths of sources, not their contents.
    return data.subarray(0, HEAD).equals(identity(file)) ? data.subarray(HEAD) : undefined;
  } catch {
    return undefined;
  }
}

function open(name) {
  const file = join(__dirname, 'code', name);
  // The build leaves ASCII only, and reading that is faster.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, cachedData: kept(name, file) });
  const module = { exports: {}, script };
  modules.set(name, module);
  const beside = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id));
  script.runInThisContext()(module.exports, beside, module, file, dirname(file));
  return module;
}

/** Exports of a bundle; the same whenever it is asked for. */
function load(name) {
  return (modules.get(name) ?? open(name)).exports;
}

/** Whether a bundle that is loaded was not compiled here. */
function wasKept(name) {
  return modules.get(name).script.cachedDataRejected === false;
}

/** Keeps what is compiled of a loaded bundle by now. */
function keep(name) {
  mkdirSync(KEPT, { recursive: true });
  const data = modules.get(name).script.createCachedData();
  writeFileSync(join(KEPT, name), Buffer.concat([identity(join(__dirname, 'code', name)), data]));
}

module.exports = { load, keep, wasKept };
