'use strict';

/**
 * Loads the library's bundles. Compiling one takes longer than running it, so what V8 compiled when the package was
 * installed is kept beside the addon (tools/compile.cjs). It is used while the bundle is the same file, and Node.js the
 * same program with the same flags; otherwise, and where it cannot be read, the bundle is compiled like any other file.
 */
const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const KEPT = join(__dirname, '../build/compiled');

const modules = new Map();

/** A file, by its size and the second of its last change: an image of a container may keep no more of that. */
function stamp(file) {
  const { size, mtimeMs } = statSync(file);
  return `${size} ${Math.floor(mtimeMs / 1000)}`;
}

/**
 * What the compiled code is of, and for whom. V8 itself looks at its version, its flags and the length of the text, and
 * that is not enough: two releases of Node.js may have the same version of V8 with other patches, and code of one
 * crashes the other. The place of the bundle is in its code, and what stack traces show. The code itself is trusted, as
 * the addon is: V8 looks at its length only.
 */
function identity(file) {
  const text = Buffer.from(`${process.version} ${process.arch} ${stamp(process.execPath)} ${stamp(file)} ${file}`);
  // Whole words, so that what follows need not be copied to be read.
  const head = Buffer.alloc((text.length + 64) & ~63);
  text.copy(head);
  return head;
}

function kept(name, file) {
  try {
    const data = readFileSync(join(KEPT, name));
    const head = identity(file);
    return data.subarray(0, head.length).equals(head) ? data.subarray(head.length) : undefined;
  } catch {
    return undefined;
  }
}

function open(name) {
  const file = join(__dirname, 'code', name);
  // A function, as the build made it, of ASCII only: not to be copied once more before it is run.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: kept(name, file) });
  // Without a prototype an object takes many keys sooner.
  const module = { exports: Object.create(null), script };
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
  const half = join(KEPT, `${name}.${process.pid}`);
  writeFileSync(half, Buffer.concat([identity(join(__dirname, 'code', name)), data]));
  // Nobody sees it before it is whole.
  renameSync(half, join(KEPT, name));
}

module.exports = { load, keep, wasKept };
