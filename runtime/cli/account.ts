/** What came of a command, for programs to read: `--json` and `--ktap`. What people read goes to standard error then. */
import { stripVTControlCharacters } from 'node:util';
import { EXIT_CLEAN, EXIT_FAULT, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_NOTHING, EXIT_USAGE } from './exit.js';
import { ktap } from './ktap.js';
import { version } from './package.js';
import type { Terminal } from './terminal.js';
import { type Flags, UsageError } from './usage.js';

export const ACCOUNT_FLAGS: Flags = {
  json: { help: 'Standard output is one JSON object, of what came of it: see docs/results.md' },
  ktap: { help: 'Standard output is KTAP, version 1' },
};

/** Of the JSON object: another one where a field changes its meaning or goes, not where one is added. */
const SCHEMA = 1;

const OUTCOMES: ReadonlyMap<number, string> = new Map([
  [EXIT_CLEAN, 'clean'], [EXIT_FAULT, 'fault'], [EXIT_USAGE, 'usage'], [EXIT_INTERNAL, 'internal'], [EXIT_NOTHING, 'nothing'], [EXIT_INTERRUPTED, 'interrupted'],
]);

/** A part of what a command did that passes or fails by itself: a line of KTAP. */
export interface Step {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What was said meanwhile. */
  readonly log: readonly string[];
}

export class Account {
  /** Plain data, as JSON has it; null where the command did not come to one. */
  result: Readonly<Record<string, unknown>> | null = null;
  /** What it was about, in a word or two; the command's name unless told. */
  subject = '';
  steps: readonly Step[] = [];
  /** What it came to, in words: a claim, a report. The JSON object has them in `result`. */
  summary: readonly string[] = [];
  readonly #argv: readonly string[];
  readonly #form: 'json' | 'ktap';
  readonly #remarks: string[] = [];

  private constructor(argv: readonly string[], form: 'json' | 'ktap') {
    this.#argv = argv;
    this.#form = form;
  }

  /** null where nobody asked for one. */
  static of(argv: readonly string[]): Account | null {
    const end = argv.indexOf('--');
    const words = end < 0 ? argv : argv.slice(0, end);
    // Where both are asked for the one is told that.
    const form = words.includes('--json') ? 'json' : words.includes('--ktap') ? 'ktap' : null;
    return form === null ? null : new Account(argv, form);
  }

  /** A terminal that keeps standard output for the account. */
  beside(terminal: Terminal): Terminal {
    return {
      ...terminal,
      out: (text) => {
        terminal.err(text);
      },
      err: (text) => {
        this.remark(text);
        terminal.err(text);
      },
    };
  }

  /** What ringzero has to say that is not in the result. */
  remark(text: string): void {
    this.#remarks.push(...stripVTControlCharacters(text).split('\n'));
  }

  /** The whole of it, for standard output. */
  text(exitCode: number): string {
    const [command = '', ...rest] = this.#argv;
    const remarks = this.#remarks;
    if (this.#form === 'ktap') {
      const name = this.subject === '' ? command : `${command} ${this.subject}`;
      return ktap({ name, passed: exitCode === EXIT_CLEAN, ...(exitCode === EXIT_NOTHING ? { skipped: 'nothing is known' } : {}), log: [...this.summary, ...remarks], steps: this.steps });
    }
    return JSON.stringify({ version: SCHEMA, ringzero: version(), command, arguments: rest, exitCode, outcome: OUTCOMES.get(exitCode) ?? 'internal', remarks, result: this.result });
  }
}

/** Throws a UsageError where both forms are asked for. */
export function checkForm(values: ReadonlyMap<string, unknown>): void {
  if (values.has('json') && values.has('ktap')) throw new UsageError('--json and --ktap are two forms of one result: which of them?');
}
