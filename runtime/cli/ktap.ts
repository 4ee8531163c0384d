/** The Kernel Test Anything Protocol, version 1, as Documentation/dev-tools/ktap.rst of Linux has it. */
import type { Step } from './account.js';

/** A test with parts of its own. */
export interface Test {
  readonly name: string;
  readonly passed: boolean;
  /** Why it says nothing. */
  readonly skipped?: string;
  readonly log: readonly string[];
  readonly steps: readonly Step[];
}

/** A test, as a whole file. */
export function ktap({ name, passed, skipped, log, steps }: Test): string {
  const inner = steps.length === 0 ? [] : [
    'KTAP version 1',
    `# Subtest: ${oneLine(name)}`,
    `1..${steps.length}`,
    ...steps.flatMap((step, i) => [...diagnostics(step.log), line(i + 1, step.name, step.result !== 'failed', step.result === 'skipped' ? 'it did not come to that' : undefined)]),
  ].map((text) => `  ${text}`);
  return ['KTAP version 1', '1..1', ...inner, ...diagnostics(log), line(1, name, passed || skipped !== undefined, skipped)].join('\n');
}

/** `not ok 2 rmmod hello`. A test that is skipped is ok, with a directive. */
function line(number: number, name: string, ok: boolean, skipped: string | undefined): string {
  return `${ok ? 'ok' : 'not ok'} ${number} ${oneLine(name)}${skipped === undefined ? '' : ` # SKIP ${skipped}`}`;
}

function diagnostics(log: readonly string[]): string[] {
  return log.flatMap((text) => text.split(/\r?\n/)).map((text) => `# ${text}`.trimEnd());
}

/** What a # begins is a directive. */
function oneLine(name: string): string {
  return name.replace(/\s+/g, ' ').replaceAll('#', '\\#');
}
