/** Which of a machine's reports its user has asked for, before they came or afterwards. */
import type { ReportRecord } from '../../kernel/debug/report.js';
import { matches, type Pattern } from './pattern.js';

/** Reports that a test's matcher has found, of whichever machine. */
const matched = new WeakSet<ReportRecord>();
/** Reports that an error has carried to the host. */
const thrown = new WeakSet<ReportRecord>();

export function noteMatched(reports: readonly ReportRecord[]): void {
  for (const report of reports) matched.add(report);
}

export function noteThrown(reports: readonly ReportRecord[]): void {
  for (const report of reports) thrown.add(report);
}

export function wasThrown(report: ReportRecord): boolean {
  return thrown.has(report);
}

/** What is to be reported, by pattern. */
export class ExpectedReports {
  private readonly named: { readonly pattern: Pattern; readonly from: number }[] = [];

  /** Reports that come behind the `soFar` that there are. */
  name(pattern: Pattern, soFar: number): void {
    this.named.push({ pattern, from: soFar });
  }

  covers(report: ReportRecord, index: number): boolean {
    return this.named.some(({ pattern, from }) => index >= from && matches(report.text, pattern));
  }

  /** What has been named and has not come. */
  missing(reports: readonly ReportRecord[]): Pattern[] {
    return this.named.filter(({ pattern, from }) => !reports.slice(from).some(({ text }) => matches(text, pattern))).map(({ pattern }) => pattern);
  }
}

/** Those that neither a matcher has found nor `expected` covers. */
export function unexpectedOf(reports: readonly ReportRecord[], expected: ExpectedReports | null): ReportRecord[] {
  return reports.filter((report, i) => !matched.has(report) && expected?.covers(report, i) !== true);
}
