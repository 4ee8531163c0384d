/** What a failed test says: the machine's words in place of our stack. */
import type { TestError } from 'vitest';
import type { Machine } from '../machine/machine.js';

/** Lines of the log that a failed test shows. */
const TAIL_LINES = 20;

/** Errors whose message says it all: their stack is that of whoever let the machine run. */
const KERNEL_ERRORS: ReadonlySet<string> = new Set(['KernelPanic', 'KernelOops', 'KernelError']);
/** What those carry beside their message, which contains it. */
const FIELDS = ['headline', 'report', 'token', 'errno', 'code'];

/** Folders of ringzero's own code, as stack traces name them. */
const own = ['runtime/', 'kernel/'].map((folder) => decodeURI(new URL(`../../${folder}`, import.meta.url).pathname));

/** Completes the errors of a failed test, which the reporter has not seen yet. */
export function explainFailure(errors: readonly TestError[], machine: Machine): void {
  for (const error of errors) {
    const isKernels = KERNEL_ERRORS.has(error.name ?? '');
    if (isKernels) for (const field of FIELDS) Reflect.deleteProperty(error, field);
    if (error.stack !== undefined) error.stack = withoutOwnFrames(error.stack, isKernels);
    const message = `${error.message}${whatHappened(error.message, machine)}`;
    if (error.stack !== undefined) error.stack = error.stack.replace(error.message, () => message);
    error.message = message;
  }
}

/** Frames of ringzero that called the test's code go, and with `all` those that it called, too. */
function withoutOwnFrames(stack: string, all: boolean): string {
  const lines = stack.split('\n');
  const isOwn = (line: string): boolean => own.some((folder) => line.includes(folder));
  const theirs = all ? 0 : lines.findIndex((line) => /^\s+at /.test(line) && !isOwn(line));
  return lines.filter((line, i) => i <= theirs || theirs < 0 || !isOwn(line)).join('\n');
}

/** The end of the log and the replay token, as far as the message does not have them. */
function whatHappened(message: string, machine: Machine): string {
  const parts: string[] = [];
  const lines = machine.dmesg().split('\n');
  const report = machine.report();
  if (lines[0] !== '' && (report === '' || !message.includes(report))) {
    const tail = lines.slice(-TAIL_LINES);
    const left = lines.length - tail.length;
    const title = left === 0 ? 'The log of the machine:' : `The log of the machine, without its first ${left} line${left === 1 ? '' : 's'}:`;
    parts.push(`\n\n${title}\n${tail.join('\n')}`);
  }
  const token = machine.token();
  if (!message.includes(token) && !parts.join('').includes(token)) parts.push(`\n\nThe same again: boot({ replay: '${token}' })`);
  return parts.join('');
}
