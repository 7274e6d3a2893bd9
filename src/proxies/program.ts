/** Programs that do what the kernel does not. */

/** A program that a request was handed to is missing, or failed. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  /** `'ERR_PROGRAM_MISSING'`: it is not installed. `'ERR_PROGRAM_FAILED'`: it ended with another status than 0. */
  readonly code: 'ERR_PROGRAM_MISSING' | 'ERR_PROGRAM_FAILED';
  readonly program: string;
  readonly args: readonly string[];
  /** Exit status, null when there is none. */
  readonly status: number | null;
  /** What it wrote on its standard error. */
  readonly stderr: string;

  constructor(
    program: string,
    args: readonly string[],
    outcome: { missing?: string; status?: number | null; stderr?: string },
  ) {
    const { missing, status = null, stderr = '' } = outcome;
    super(
      missing === undefined
        ? `${program} ${args.join(' ')}: ${stderr.trim() || `it ended with status ${status}`}`
        : `${program} is not installed; ${missing}`,
    );
    this.code = missing === undefined ? 'ERR_PROGRAM_FAILED' : 'ERR_PROGRAM_MISSING';
    this.program = program;
    this.args = args;
    this.status = status;
    this.stderr = stderr;
  }
}

/** Milliseconds after which a program is ended. */
const PATIENCE = 30_000;

/** A program, and how it is told of where it is missing. */
export interface Program {
  command: string;
  /** What to install: `on Debian: apt install x`. */
  hint: string;
}

/**
 * Runs a program to its end, with `place` in that network namespace. Gives its standard output; `allowed` are statuses
 * besides 0 that are no failure. Rejects with ProgramError.
 */
export function run(
  { command, hint }: Program,
  args: readonly string[],
  { place = '', allowed = [] }: { place?: string; allowed?: readonly number[] } = {},
): Promise<{ status: number; out: string }> {
  const [file, list] = place === '' ? [command, args] : ['nsenter', [`--net=${place}`, '--', command, ...args]];
  // Few programs start others: the module is loaded when one does.
  const { execFile } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve, reject) => {
    execFile(file, [...list], { timeout: PATIENCE, encoding: 'utf8' }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      if (status !== null && (status === 0 || allowed.includes(status))) return resolve({ status, out: stdout });
      const missing =
        (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'
          ? file === command
            ? hint
            : 'it is part of util-linux'
          : status === 127 && place !== ''
            ? hint
            : undefined;
      reject(
        new ProgramError(missing !== undefined && status === null ? file : command, args, {
          ...(missing !== undefined && { missing }),
          status,
          stderr,
        }),
      );
    });
  });
}
