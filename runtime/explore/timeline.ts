/** What a schedule looked like: a column a CPU, a line of the user's source a row, around the places where it changed. */
import { FRAME, pc, SITE, unwind } from '../../kernel/arch/callstack.js';
import { this_cpu } from '../../kernel/arch/cpu.js';
import { STEP_IRQ } from '../../kernel/arch/point.js';
import { site_of } from '../../kernel/arch/site.js';
import type { Decision } from '../choice/sparse.js';
import { sourceLine } from '../loader/source_line.js';
import type { Subject } from './schedule.js';

interface Row {
  readonly cpu: number;
  readonly where: string;
  readonly text: string;
}

/** Rows shown before and after a change of CPU; what lies further away is only counted. */
const CONTEXT_ROWS = 4;
const COLUMN = 44;
/** Stands where a row is no line of source. */
const EVENT = '  -->';

/** Runs the schedule once more and draws it. */
export function timeline(subject: Subject, decisions: readonly Decision[]): string {
  const strategy = subject.sparse(decisions);
  const rows: Row[] = [];
  const here = (): void => {
    const cpu = this_cpu.id;
    const place = placeOf();
    const last = rows.at(-1);
    if (place !== null && (last?.cpu !== cpu || last.where !== place.where)) rows.push({ cpu, ...place });
  };
  const happens = (text: string): void => {
    rows.push({ cpu: this_cpu.id, where: EVENT, text });
  };
  // A line has its row when it begins: behind those that came while its CPU stood before it.
  const began = (step: number): void => {
    if (step !== STEP_IRQ) here();
  };
  const nothing = (): void => undefined;
  strategy.watch({ began, resumed: nothing, mark: () => 0, picked: nothing }, false);
  strategy.onChange = (_ordinal, way, cpus, irqs) => {
    if (way >= cpus.length) happens(`irq ${irqs[way - cpus.length]!}`);
  };
  strategy.onPick = (kind, way) => {
    if (way === 0) return;
    here();
    if (kind === 'alloc') happens('the allocation fails');
    if (kind === 'device') happens(`choose() is ${way}`);
    if (kind === 'timer') happens(`timer ${way + 1} of this tick comes first`);
  };
  subject.run(strategy);
  return draw(rows);
}

/** The innermost line of the user's own source that the running code stands at, or null where there is none. */
export function placeOf(): { readonly where: string; readonly text: string } | null {
  for (const site of unwind(pc[FRAME]!, pc[SITE]!)) {
    const text = sourceLine(site);
    if (text === null) continue;
    const { file, line } = site_of(site);
    return { where: `${file.slice(file.lastIndexOf('/') + 1)}:${line}`, text: text.trim() };
  }
  return null;
}

function draw(rows: readonly Row[]): string {
  const cpus = [...new Set(rows.map(({ cpu }) => cpu))].sort();
  const shown = rows.map((_, i) => near(rows, i));
  const lines = [cpus.map((cpu) => `CPU ${cpu}`.padEnd(COLUMN)).join('').trimEnd()];
  let hidden = 0;
  const count = (): void => {
    if (hidden > 0) lines.push(`  ... ${hidden} more ...`);
    hidden = 0;
  };
  rows.forEach((row, i) => {
    if (!shown[i]!) {
      hidden++;
      return;
    }
    count();
    const cell = `${row.where}  ${row.text}`;
    const text = cell.length > COLUMN - 2 ? `${cell.slice(0, COLUMN - 3)}…` : cell;
    lines.push(' '.repeat(cpus.indexOf(row.cpu) * COLUMN) + text);
  });
  count();
  return lines.join('\n');
}

/** Whether a row is the last one, or close to a change of CPU. */
function near(rows: readonly Row[], i: number): boolean {
  if (i >= rows.length - CONTEXT_ROWS) return true;
  for (let k = Math.max(0, i - CONTEXT_ROWS); k < Math.min(rows.length - 1, i + CONTEXT_ROWS); k++) {
    if (rows[k]!.where === EVENT) return true;
    if (rows[k]!.cpu !== rows[k + 1]!.cpu) return true;
  }
  return false;
}
