/** Lets the compiler say what headers mean: values of enumerators and macros, layout of structs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CStruct } from './parse-c.js';

export interface Layout {
  size: number;
  /** By name: offset, size, whether it is signed (null where that has no meaning). */
  members: Map<string, { offset: number; size: number; signed: boolean | null }>;
}

/** What the macros that swap bytes expand to. */
const SWAPS = /\b(__be16|__be32|__u16|__u32|__builtin_constant_p|__fswab16|__fswab32)\b/g;
const NUMBER = /\b(0[xX][\da-fA-F]+|\d+)[uUlL]*\b/g;

/** Whether a text has numbers, operators and known names only. */
function isExpression(text: string, known: ReadonlySet<string>): boolean {
  const rest = text.replace(SWAPS, ' ').replace(NUMBER, ' ');
  const names = rest.match(/[A-Za-z_]\w*/g) ?? [];
  return text.trim() !== '' && !/[^\s\w()<>|&~+*/?:-]/.test(rest) && names.every((name) => known.has(name));
}

/** The compiler with one folder of headers and a file that includes them. */
export class Compiler {
  readonly #dir = mkdtempSync(join(tmpdir(), 'drift-'));
  readonly #flags: string[];
  readonly #includes: string;

  constructor(folder: string, headers: readonly string[]) {
    this.#flags = ['-I', folder, '-I', join(folder, 'x86_64-linux-gnu'), '-w'];
    // A header of the kernel that wants the C library's <netinet/in.h> gets <linux/in.h>, which says the same.
    const include = (names: readonly string[]) => names.map((h) => `#include <${h}>\n`).join('');
    this.#includes = `#define BIT(n) (1UL << (n))\n${include(['sys/socket.h', 'linux/in.h', 'linux/in6.h'])}#define _NETINET_IN_H 1\n${include(headers)}`;
  }

  #gcc(name: string, source: string, ...flags: string[]): string {
    const file = join(this.#dir, name);
    writeFileSync(file, source);
    const { status, stdout, stderr, error } = spawnSync('gcc', [...this.#flags, ...flags, file], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 60_000,
    });
    if (error !== undefined) throw new Error(`gcc: ${error.message}`);
    if (status !== 0) throw new Error(`gcc ${flags.join(' ')}: ${stderr.slice(0, 2000)}`);
    return stdout;
  }

  #run(name: string, body: string): string[][] {
    const program = join(this.#dir, name);
    const source = `#include <stdio.h>\n#include <stddef.h>\n${this.#includes}int main(void) {\n${body}return 0;\n}\n`;
    this.#gcc(`${name}.c`, source, '-O0', '-o', program);
    const { status, stdout } = spawnSync(program, [], { encoding: 'utf8', maxBuffer: 1 << 28, timeout: 60_000 });
    if (status !== 0) throw new Error(`the generated program ended with ${status}`);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
  }

  preprocessed(): string {
    return this.#gcc('all.c', this.#includes, '-E');
  }

  /**
   * Macros without parameters whose name matches and that stand for an expression of numbers and `known` names; with the
   * width of those that are in the network's order (else 0).
   */
  macros(wanted: RegExp, known: ReadonlySet<string>): Map<string, number> {
    const all = this.#gcc('macros.c', this.#includes, '-E', '-dM');
    const names = [...all.matchAll(/^#define (\w+) \S/gm)].map(([, name]) => name!).filter((n) => wanted.test(n));
    const lines = names.map((n) => `"macro ${n}" ${n}\n`).join('');
    // Macros of system headers come out on lines of their own, with markers between.
    const expanded = this.#gcc('expand.c', `${this.#includes}${lines}`, '-E').replace(/^#.*$/gm, '');
    const found = new Map<string, number>();
    for (const [, name, text] of expanded.matchAll(/"macro (\w+)"([^"]*)/g))
      if (isExpression(text!, known)) found.set(name!, Number(/^[\s(]*__be(16|32)\b/.exec(text!)?.[1] ?? 0));
    return found;
  }

  values(names: readonly string[]): Map<string, number> {
    const lines = this.#run('values', names.map((n) => `printf("${n} %lld\\n", (long long)(${n}));\n`).join(''));
    return new Map(lines.filter(([name]) => name !== '').map(([name, value]) => [name!, Number(value)]));
  }

  layouts(structs: readonly CStruct[]): Map<string, Layout> {
    const code = structs.map(({ name, members }) => {
      const each = members.map(({ name: m, type, array }) => {
        const member = `((struct ${name} *)0)->${m}`;
        const scalar = !array && /^(__|u|s|int|char|short|long)/.test(type) && !type.includes('struct');
        const sign = scalar ? `((__typeof__(${member}))-1 < 0)` : '-1';
        return `printf(". ${m} %zu %zu %d\\n", offsetof(struct ${name}, ${m}), sizeof(${member}), ${sign});\n`;
      });
      return `printf("${name} %zu\\n", sizeof(struct ${name}));\n${each.join('')}`;
    });
    const found = new Map<string, Layout>();
    let now: Layout | undefined;
    for (const [first, ...rest] of this.#run('layouts', code.join(''))) {
      if (first === '.') {
        const [name, offset, size, signed] = rest;
        now!.members.set(name!, {
          offset: Number(offset),
          size: Number(size),
          signed: signed === '-1' ? null : signed === '1',
        });
      } else {
        now = { size: Number(rest[0]), members: new Map() };
        found.set(first!, now);
      }
    }
    return found;
  }

  close(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
