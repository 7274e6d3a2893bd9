/** docs/coverage.md is what the committed results give; and what results are made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { bytes, nest, u8, u32 } from '../../src/codec/leaf.js';
import { message } from '../../src/codec/message.js';
import { struct } from '../../src/codec/struct.js';
import { attr } from '../../src/codec/type.js';
import { page } from '../../tools/coverage/page.js';
import { type Results, readResults, readTraces } from '../../tools/coverage/results.js';
import { type Facts, readFacts, root } from '../../tools/drift/facts.js';
import { findTables, Walk } from '../../tools/drift/tables.js';

t.test('the page is made of the committed results', async (t) => {
  const text = readFileSync(join(root, 'docs/coverage.md'), 'utf8');
  const made = page(readFacts(), await findTables(), readResults());
  t.ok(text === made, 'docs/coverage.md is not what `npm run coverage` makes');
  for (const family of ['rt-link', 'rt-addr', 'rt-route']) {
    const [, attributes, known, missing, exercised] =
      new RegExp(`^\\| \\[${family}\\]\\(#${family}\\) \\| (\\d+) \\| (\\d+) \\| (\\d+) \\| (\\d+) \\|`, 'm').exec(
        text,
      ) ?? [];
    t.comment(
      `figure: ${family}: ${attributes} attributes, ${known} known, ${missing} missing, ${exercised} exercised`,
    );
    t.equal(Number(known) + Number(missing), Number(attributes), family);
    t.ok(Number(exercised) > 0, `${family}: ${exercised} exercised`);
  }
});

const facts: Facts = {
  headers: '7.0.1-1',
  sets: {
    IFLA: {
      header: 'linux/if_link.h',
      attrs: { IFLA_A: [1, 'u32'], IFLA_OLD_B: [2], IFLA_B: [2], IFLA_PAD: [3], IFLA_C: [4], IFLA_INFO: [5, 'nest'] },
    },
    IFLA_INFO: { header: 'linux/if_link.h', attrs: { IFLA_INFO_X: [1, 'u8'] } },
    IFLA_NEVER: { header: 'linux/if_link.h', attrs: { IFLA_NEVER_X: [1, 'u8'] } },
    DEVLINK_ATTR: { header: 'linux/devlink.h', attrs: { DEVLINK_ATTR_X: [1] } },
  },
  enums: {},
  macros: {},
  structs: {},
};

const walk = new Walk();
walk.message(
  message({
    name: 'x',
    prefix: 'IFLA',
    header: struct((r) => ({ family: r.u8(0) }), 4),
    table: { a: attr(1, u32), b: attr(2, bytes), info: attr(5, nest('IFLA_INFO', { x: attr(1, u8) })) },
    types: {},
  }),
);
walk.run();

const TRACES = [
  'kernel 6.18.1-x\nsent RTM_NEWLINK a IFLA_A\naccepted RTM_NEWLINK a IFLA_A\nsent RTM_NEWLINK 4 IFLA#4\nsent RTM_NEWLINK 77 IFLA#77\n',
  'kernel 6.18.1-x\naccepted RTM_SETLINK info.x IFLA_INFO_X\nkernel 6.1.0\nsent RTM_DELLINK b IFLA_B\n',
];

t.test('traces of several runs add up, by kernel and message', async (t) => {
  const results = readTraces(TRACES, facts);
  t.same(results, [
    { kernel: '6.1', messages: { RTM_DELLINK: { IFLA_B: 's' } } },
    {
      kernel: '6.18',
      messages: {
        RTM_NEWLINK: { 'IFLA#77': 's', IFLA_A: 'sa', IFLA_C: 's' },
        RTM_SETLINK: { IFLA_INFO_X: 'a' },
      },
    },
  ]);
});

t.test("rows are the headers' attributes, whether a table has them or not", async (t) => {
  const text = page(facts, walk.found, readTraces(TRACES, facts));
  const rows = text.split('\n').filter((line) => line.startsWith('| `IFLA_'));
  t.same(rows, [
    '| `IFLA_A` | 1 | u32 | yes |  | both |',
    '| `IFLA_B` | 2 | ? | as bytes | sent |  |',
    '| `IFLA_C` | 4 | ? | **missing** |  | sent |',
    '| `IFLA_INFO` | 5 | nest | yes |  |  |',
    '| `IFLA_INFO_X` | 1 | u8 | yes |  | taken |',
  ]);
  t.match(text, /^\| \[rt-link\]\(#rt-link\) \| 6 \| 4 \| 2 \| 4 \| 1 \| 3 \|$/m);
  t.match(text, /`IFLA_NEVER` \(1\)/);
  t.notMatch(text, /DEVLINK/, 'of other families only what is borrowed');
});

t.test('a set of no family is told', async (t) => {
  const odd: Facts = { ...facts, sets: { ...facts.sets, ODD: { header: 'linux/odd.h', attrs: { ODD_X: [1] } } } };
  t.throws(() => page(odd, walk.found, [] as Results[]), /families\.ts: ODD/);
});
