/** The lanes' own code, which is not compiled, with the types that its tests need. */
export interface TestResult {
  file: string;
  name: string;
  status: string;
  reason?: string;
  detail?: string;
  missing?: string;
}

export interface Result {
  lane: string;
  what: string;
  tests: TestResult[];
  ms: number;
  kernel?: string;
  iproute2?: string;
  obstacle?: string;
}

type Why = string | { reason: string; needs?: string | string[]; kernelBelow?: string; optional?: boolean };
type List = Record<string, Record<string, Why>>;
type Expected = Map<string, { optional: boolean; missing: string }>;

interface Skips {
  allNeeds(lanes: string[], list: List): string[];
  expectedSkips(lanes: string[], where: { kernel: string; lacks: string[] }, list: List): Expected;
  judgeSkips(tests: TestResult[], expected: Expected, list: List): TestResult[];
  ranNowhere(results: Result[], where: { stock: boolean }): Result[];
}

const load = async (name: string): Promise<unknown> =>
  import(new URL(`../../../tools/lanes/${name}.mjs`, import.meta.url).href);

export const skips = (await load('skips')) as Skips;
export const { runTests } = (await load('launch')) as {
  runTests(files: string[], options: { cwd: string }): Promise<{ tests: TestResult[] }>;
};
export const { kernelLines } = (await load('summary')) as { kernelLines: (results: Result[]) => string[] };
export const { unknownLines } = (await load('capabilities')) as { unknownLines: (err: string) => number[] };

interface Tally {
  object: string;
  what: string;
  direction: string;
  objects: number;
  fields: number;
}
export const witness = (await load('witness')) as {
  tally(text: string): Tally | null;
  table(figures: readonly { text: string }[], recorded: boolean): Tally[];
  witnessFiles(): string[];
};
export const { acceptance } = (await load('acceptance')) as { acceptance: (results: unknown[]) => Result };
