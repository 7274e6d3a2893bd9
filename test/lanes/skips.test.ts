/** What the lanes make of skipped tests: listed by kernel and capability, anything else fails. */
import t from 'tap';
import { kernelLines, type Result, skips, type TestResult, unknownLines } from './lanes.js';

const LIST = {
  live: {
    'a.test.ts > vlan': { reason: 'r', needs: 'kind vlan' },
    'a.test.ts > both': { reason: 'r', needs: ['kernel 7.2', 'iproute2 7.2'] },
    'a.test.ts > old': { reason: 'r', kernelBelow: '6.3' },
    'a.test.ts > maybe': { reason: 'r', optional: true },
  },
  user: { 'a.test.ts > rights': 'an ordinary user may not' },
};

const made = (name: string, status: string): TestResult => ({
  file: 'a.test.ts',
  name,
  status,
  reason: 'says the test',
});

/** Failures of a run in which these were skipped and those ran, each as its name and why. */
function judge(skipped: string[], ran: string[], lacks: string[], kernel = '6.18.4-amd64', lanes = ['live']): string[] {
  const tests = [...skipped.map((name) => made(name, 'skipped')), ...ran.map((name) => made(name, 'passed'))];
  const expected = skips.expectedSkips(lanes, { kernel, lacks }, LIST);
  return skips.judgeSkips(tests, expected, LIST).map(({ name, detail }) => `${name}: ${detail}`);
}

t.test('what the kernel lacks must be skipped, what it has must run', async (t) => {
  t.same(skips.allNeeds(['live'], LIST), ['kind vlan', 'kernel 7.2', 'iproute2 7.2']);
  t.same(judge(['vlan', 'both'], [], ['kind vlan', 'kernel 7.2', 'iproute2 7.2']), []);
  t.same(judge([], ['vlan', 'both'], []), []);
  t.same(judge(['both'], ['vlan'], ['iproute2 7.2']), [], 'one of several is enough');
  t.match(judge(['vlan'], ['both'], []), [/^vlan: skipped \(says the test\), but there is kind vlan here$/]);
  t.match(judge([], ['vlan', 'both'], ['kind vlan']), [/^vlan: .* for lack of kind vlan, but it ran or is gone$/]);
});

t.test('by kernel, by lane, and by chance', async (t) => {
  t.same(judge(['old'], ['vlan', 'both'], [], '6.1.0-56-amd64'), []);
  t.match(judge([], ['old'], [], '6.1.0-56-amd64'), [/^old: .* for lack of kernel 6\.3, but it ran/]);
  t.match(judge(['old'], [], [], '6.3.0'), [/^old: skipped/]);
  t.same(judge(['maybe'], [], []), []);
  t.same(judge([], ['maybe'], []), []);
  t.match(judge(['new'], [], []), [/^new: .*does not list it here$/]);
  t.match(judge(['rights'], [], []), [/^rights: .*does not list it here$/]);
  t.same(judge(['rights'], [], [], '6.18', ['user']), []);
  t.match(judge([], ['rights'], [], '6.18', ['user']), [/^rights: .*but it ran or is gone$/]);
});

const lane = (name: string, tests: TestResult[], more: Partial<Result> = {}): Result => ({
  lane: name,
  what: name,
  tests,
  ms: 0,
  ...more,
});

t.test('a test that ran on no kernel fails', async (t) => {
  const nowhere = (results: Result[], stock: boolean): string[] =>
    skips.ranNowhere(results, { stock }).flatMap(({ tests }) => tests.map(({ name, detail }) => `${name}: ${detail}`));
  const here = lane('live-node20', [made('vlan', 'skipped'), made('x', 'passed')], { kernel: '6.18' });
  t.same(nowhere([here, lane('vm-6.1', [made('vlan', 'passed')])], true), []);
  t.match(nowhere([here, lane('vm-6.1', [made('vlan', 'skipped')])], true), [
    /^vlan: ran on no kernel: says the test$/,
  ]);
  const without = lane('vm-6.1', [], { obstacle: 'no qemu' });
  t.match(nowhere([here, without], true), [/^vlan: ran on no kernel: says the test\nvm-6\.1 did not run: no qemu$/]);
  t.same(nowhere([here, without], false), [], 'another processor has no stock kernel');
  t.same(nowhere([here, lane('vm-status', [made('panic', 'passed')])], false), []);
});

t.test('the summary says which kernel ran what', async (t) => {
  const missing = { ...made('vlan', 'skipped'), missing: 'kind vlan' };
  const lines = kernelLines([
    lane('unit', [made('x', 'passed')]),
    lane('live-node20', [missing, made('x', 'passed')], { kernel: '6.18.4' }),
    lane('live-node22', [missing, made('x', 'failed')], { kernel: '6.18.4' }),
    lane('vm-7.2', [made('vlan', 'passed')], { kernel: '7.2.12', iproute2: '7.2.0' }),
    lane('vm-6.1', [], { kernel: '6.1.0', obstacle: 'no qemu' }),
  ]);
  t.same(lines, [
    '  6.18.4: 2 tests in live-node20, live-node22',
    '    skipped, no kind vlan: a.test.ts > vlan',
    '  7.2.12, iproute2 7.2.0: 1 tests in vm-7.2',
  ]);
});

t.test('which lines of ip -batch the kernel did not know', async (t) => {
  const said = [
    'Error: Unknown device type.',
    'Command failed -:1',
    'Error: Invalid link.',
    'Command failed -:2',
    'RTNETLINK answers: Operation not supported',
    'Command failed -:4',
    '',
  ].join('\n');
  t.same(unknownLines(said), [0, 3]);
  t.same(unknownLines(''), []);
});
