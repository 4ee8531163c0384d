/** What tells one crash from another: its headline, with the numbers masked, and the frames on top of its report. */
import { type Failure, headlineOf } from '../explore/schedule.js';
import { KernelOops, KernelPanic, KernelReport } from '../machine/errors.js';

/** Frames that count. */
const FRAMES = 3;

export interface Fault {
  readonly key: string;
  readonly headline: string;
  /** The innermost frames of the modules' code, as the report has them. */
  readonly frames: readonly string[];
  readonly error: unknown;
  readonly token: string;
}

export function faultFrom({ key, error, token }: Failure): Fault {
  const frames = framesOf(reportOf(error));
  // The line of the innermost: the same function may go wrong in several ways. Of the others the name will do.
  const top = frames.map((frame, i) => (i === 0 ? frame.replace(/:\d+ \[.*$/, '') : frame.replace(/ {2}.*$/, '')));
  // Calls are given numbers of all sorts: signs and short addresses are to be masked, too.
  const masked = key.replace(/\b0x[\da-f]+\b/g, '#').replace(/(?<!\w)-#/g, '#');
  return { key: [masked, ...top].join('\n'), headline: headlineOf(error), frames, error, token };
}

function reportOf(error: unknown): string {
  if (error instanceof KernelPanic || error instanceof KernelOops) return error.report;
  return error instanceof KernelReport ? error.message : '';
}

/** Of the first call trace: a frame of a module is its function, its place and the module's name. */
function framesOf(report: string): string[] {
  const lines = report.split('\n');
  const from = lines.findIndex((line) => /^(Call Trace|kmemleak: +backtrace):$/.test(line)) + 1;
  const frames: string[] = [];
  for (const line of from === 0 ? [] : lines.slice(from)) {
    const [, frame] = /^(?:kmemleak: {4})? +(\S.*)$/.exec(line) ?? [];
    if (frame === undefined || frames.length === FRAMES) break;
    if (/^\S+ {2}\S+:\d+:\d+ \[\w+\]$/.test(frame)) frames.push(frame);
  }
  return frames;
}
