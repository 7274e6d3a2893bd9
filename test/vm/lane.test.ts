/** What a lane of the virtual machine reports when a test fails, when the kernel panics and when nothing ends. */
import { fileURLToPath } from 'node:url';
import t from 'tap';

t.setTimeout(300_000);

interface Test {
  file: string;
  name: string;
  status: string;
  detail?: string;
}
interface Outcome {
  what: string;
  kernel?: string;
  tests: Test[];
}
type Under = (suite: string, lane: string, names: string[], timeout?: number) => Promise<Outcome>;

// The lanes are not compiled.
const vm = fileURLToPath(new URL('../../../tools/lanes/vm.mjs', import.meta.url));
const { underSuite } = (await import(vm)) as { underSuite: Under };

const brief = ({ tests }: Outcome): string[] => tests.map(({ name, status }) => `${name}: ${status}`);

t.test('a test that fails: its words and the end of the console, from which kernel', async (t) => {
  const outcome = await underSuite('bookworm', 'vm-6.1', ['file:broken/fails']);
  t.same(brief(outcome), ['adds up: failed', 'is fine: passed']);
  t.match(outcome.tests[0]?.detail, /two and two/);
  t.match(outcome.tests[0]?.detail, /the kernel's console ends:.*said before it failed/s);
  t.match(outcome.kernel, /^6\.1\./);
  t.match(outcome.what, /kernel 6\.1\.\S+, iproute2 6\.1/);
});

t.test('a panic in the middle: what was done before is kept', async (t) => {
  const outcome = await underSuite('bookworm', 'vm-6.1', [
    'file:broken/fails',
    'file:broken/panics',
    'file:broken/hangs',
  ]);
  t.same(brief(outcome), ['adds up: failed', 'is fine: passed', 'vm-6.1: failed']);
  t.match(outcome.tests[2]?.detail, /the machine ended with 125.*sysrq triggered crash/s);
});

t.test('a hang: ended by the time allowed', async (t) => {
  const outcome = await underSuite('bookworm', 'vm-6.1', ['file:broken/hangs'], 60_000);
  t.same(brief(outcome), ['vm-6.1: failed']);
  t.match(outcome.tests[0]?.detail, /the machine ended with 124.*stopped after 60 s.*said before it hung/s);
});
