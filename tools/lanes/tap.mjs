/** Turns TAP into test results. A test is a leaf: a subtest without subtests, or an assertion at the top of a file. */
import { Parser } from 'tap-parser';

/** Lines of the runner and of tests that mean something here: `# file: path` and `# figure: text`. */
const FILE = /^# file: (.*)\n?$/;
const FIGURE = /^# figure: (.*)\n?$/;

/** `.build/test/live/link.test.js`, wherever it was run, is known as `test/live/link.test.ts`. */
export function sourceOf(file) {
  return file.replace(/^.*?(?=\btest\/)/, '').replace(/\.js$/, '.ts');
}

/** Why an assertion failed, in a few lines. */
function explain(point) {
  const diag = point.diag ?? {};
  const lines = [point.name];
  if (diag.diff) lines.push(String(diag.diff).trimEnd());
  else {
    for (const key of ['message', 'found', 'wanted', 'expected', 'error', 'code', 'timeout', 'exitCode', 'signal']) {
      if (diag[key] !== undefined) lines.push(`${key}: ${JSON.stringify(diag[key])}`);
    }
  }
  if (diag.stack) lines.push(String(diag.stack).trimEnd());
  else if (diag.at?.fileName) lines.push(`${diag.at.fileName}:${diag.at.lineNumber}`);
  return lines.join('\n');
}

/** The reason of a skipped or todo point; `t.skip('reason')` leaves it in the name. */
function reasonOf(point) {
  if (point.todo) return `not done yet: ${point.todo === true ? point.name : point.todo}`;
  return typeof point.skip === 'string' && point.skip.trim() !== '' ? point.skip.trim() : point.name;
}

/**
 * A collector of TAP: feed it with `write`, then `end` gives `{ tests, figures, problem }`. A test is
 * `{ file, name, status: 'passed' | 'failed' | 'skipped', reason?, detail? }`; `problem` says what is wrong with the
 * stream as a whole (cut short, wrong plan), null if nothing is.
 */
export function collector() {
  const tests = [];
  const figures = [];
  let file = '';
  let final = null;

  function watch(parser, path) {
    const node = { children: 0, open: null, points: [], failed: 0 };
    parser.on('comment', (text) => {
      const at = path.length === 0 ? FILE.exec(text) : null;
      if (at) file = sourceOf(at[1]);
      const figure = FIGURE.exec(text);
      if (figure) figures.push({ file, name: path.join(' > '), text: figure[1] });
    });
    parser.on('child', (child) => {
      node.children++;
      node.open = { name: child.name, node: watch(child, [...path, child.name]) };
    });
    parser.on('assert', (point) => {
      const sub = node.open?.name === point.name ? node.open.node : null;
      if (sub) node.open = null;
      else if (path.length > 0) return node.points.push(point);
      const failed = finish([...path, point.name], sub ?? { children: 0, points: [], failed: 0 }, point);
      node.failed += failed;
    });
    return node;
  }

  /** Records what a finished test was; returns how many failed tests that adds. */
  function finish(path, node, point) {
    const name = path.join(' > ');
    const red = node.points.filter((p) => !p.ok && !p.todo);
    const skips = node.points.filter((p) => p.skip || p.todo);
    if (red.length > 0 || (!point.ok && !point.todo && node.failed === 0)) {
      tests.push({ file, name, status: 'failed', detail: (red.length > 0 ? red : [point]).map(explain).join('\n') });
      return node.failed + 1;
    }
    const leaf = node.children === 0;
    if (point.skip || point.todo) tests.push({ file, name, status: 'skipped', reason: reasonOf(point) });
    else if (leaf && skips.length > 0 && skips.length === node.points.length) {
      tests.push({ file, name, status: 'skipped', reason: reasonOf(skips[0]) });
    } else {
      if (leaf) tests.push({ file, name, status: 'passed' });
      // Some assertions skipped, others not: the part that did not run must not hide.
      for (const p of skips) tests.push({ file, name: `${name} > ${p.name}`, status: 'skipped', reason: reasonOf(p) });
    }
    return node.failed;
  }

  const parser = new Parser();
  parser.on('complete', (result) => {
    final = result;
  });
  watch(parser, []);
  return {
    write: (text) => parser.write(text),
    /** The file whose tests are running. */
    get file() {
      return file;
    },
    end() {
      parser.end();
      const broken = final.failures.find((f) => f.tapError);
      return { tests, figures, problem: final.bailout ? `bailed out: ${final.bailout}` : (broken?.tapError ?? null) };
    },
  };
}
