/** What a schedule looked like: a column a CPU, a line of the user's source a row, around the places where it changed. */
import { types } from 'node:util';
import { FRAME, pc, SITE, unwind } from '../../kernel/arch/callstack.js';
import { this_cpu } from '../../kernel/arch/cpu.js';
import { variable_name } from '../../kernel/arch/effects.js';
import { is_access, size_of_access, STEP_IRQ, STEP_WITHIN } from '../../kernel/arch/point.js';
import { site_of } from '../../kernel/arch/site.js';
import { kernel } from '../../kernel/current.js';
import { hex8, PAGE_OFFSET } from '../../kernel/mm/layout.js';
import { u8 } from '../../kernel/mm/ram.js';
import type { Decision } from '../choice/sparse.js';
import { sourceLine } from '../loader/source_line.js';
import { mentionsAt } from '../loader/source_mentions.js';
import { hostVariable } from '../machine/host_variables.js';
import type { Subject } from './schedule.js';

interface Row {
  readonly cpu: number;
  readonly where: string;
  readonly text: string;
  /** It is the rest of a line that another CPU, or an interrupt, has come into. */
  readonly goesOn: boolean;
  /** What the line found in the variables that it speaks of, and in memory, as `count=3 40400010=7`. */
  values: string;
}

/** Rows shown before and after a change of CPU; what lies further away is only counted. */
const CONTEXT_ROWS = 4;
/** Characters of a column at least, with the gap behind it: where there is no room for so many, each row says whose it is. */
const COLUMN_MIN = 36;
const GAP = 2;
/** Characters of a text that is a value. */
const TEXT_MAX = 12;
/** Stands where a row is no line of source. */
const EVENT = '  -->';
/** Whose rows are nobody's: what the host chooses, and what happens while all CPUs are idle. */
const NO_CPU = -1;
/** Stands before the text of a line that has a row already: it has read what it found there, and goes on with that. */
const GOES_ON = '... ';

/** Runs the schedule once more and draws it, no wider than `width`. */
export function timeline(subject: Subject, decisions: readonly Decision[], width: number): string {
  const strategy = subject.sparse(decisions);
  const rows: Row[] = [];
  /** The row of the line that the running code stands at, which may have gone on; null where there is none. */
  const here = (goesOn = false): Row | null => {
    const cpu = this_cpu.id;
    const place = placeOf();
    if (place === null) return null;
    const last = rows.at(-1);
    if (last?.cpu === cpu && last.where === place.where) return last;
    const row = { cpu, ...place, goesOn, values: valuesAt(pc[SITE]!) };
    rows.push(row);
    return row;
  };
  const happens = (text: string, cpu = this_cpu.id): void => {
    rows.push({ cpu, where: EVENT, text, goesOn: false, values: '' });
  };
  // A line has its row when it begins: behind those that came while its CPU stood before it.
  const began = (step: number, address: number): void => {
    // Behind the first report comes what it has come to.
    if (step === STEP_IRQ || kernel.reports.length > 0) return;
    const row = here(step === STEP_WITHIN);
    const word = row !== null && is_access(step) ? wordAt(address, size_of_access(step)) : null;
    if (row === null || word === null) return;
    const name = hex8(address);
    // Of a line that goes on, what it found there first.
    if (!row.values.includes(`${name}=`)) row.values += `${row.values === '' ? '' : ' '}${name}=${word}`;
  };
  const nothing = (): void => undefined;
  strategy.watch({ began, resumed: nothing, hostStep: nothing, hostResumed: nothing, mark: () => 0, picked: nothing }, true);
  strategy.onChange = (_ordinal, way, cpus, irqs) => {
    if (way >= cpus.length) happens(`irq ${irqs[way - cpus.length]!}`);
  };
  strategy.onPick = (kind, way) => {
    if (way === 0) return;
    if (kind === 'late' || kind === 'line' || kind === 'settle') {
      happens(kind === 'late' ? 'while all CPUs are idle the next timer comes before the armed interrupt' : kind === 'line' ? `while all CPUs are idle the armed interrupt number ${way + 1} comes first` : 'the machine does not settle', NO_CPU);
      return;
    }
    here();
    if (kind === 'alloc') happens('the allocation fails');
    if (kind === 'device') happens(`choose() is ${way}`);
    if (kind === 'timer') happens(`timer ${way + 1} of this tick comes first`);
  };
  subject.run(strategy);
  return draw(rows, width);
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

/** The variables that the statement speaks of, which functions share, and what is in them now. */
function valuesAt(site: number): string {
  const texts: string[] = [];
  for (const { variable, property } of mentionsAt(site)) {
    const found = kernel.modules.value_of(variable) ?? hostVariable(variable);
    if (found === null) continue;
    const text = property === null ? textOf(found.value) : textOf(propertyOf(found.value, property));
    if (text === null || (property !== null && text === 'undefined')) continue;
    // Its name is `FILE:NAME#NUMBER`.
    const name = /([^:]*)#\d+$/.exec(variable_name(variable))![1]!;
    texts.push(`${property === null ? name : `${name}.${property}`}=${text}`);
  }
  return texts.join(' ');
}

/** What a property holds; undefined where it holds nothing, or to ask would run somebody's code. */
function propertyOf(object: unknown, property: string): unknown {
  if (typeof object !== 'object' || object === null || types.isProxy(object)) return undefined;
  return Object.getOwnPropertyDescriptor(object, property)?.value;
}

/** Bytes of kernel memory as a number, whoever may read them; null where there is no memory. */
function wordAt(address: number, size: number): string | null {
  const offset = ((address | 0) - PAGE_OFFSET) >>> 0;
  if (offset + size > u8.length) return null;
  let word = 0n;
  for (let i = size - 1; i >= 0; i--) word = (word << 8n) | BigInt(u8[offset + i]!);
  return word <= 0xffff_ffffn ? numberText(Number(word)) : String(word);
}

/** As a pointer where it could be one. */
function numberText(value: number): string {
  return Number.isInteger(value) && value >= PAGE_OFFSET && value <= 0xffff_ffff ? `0x${hex8(value)}` : String(value);
}

/** A value in a few characters, or null: what an object has in it is another matter. */
function textOf(value: unknown): string | null {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean' || value === null || value === undefined) return String(value);
  if (typeof value !== 'string') return null;
  return JSON.stringify(value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX - 1)}…` : value);
}

function draw(rows: readonly Row[], width: number): string {
  const shown = rows.map((_, i) => near(rows, i));
  // Those that take part where somebody looks.
  const cpus = [...new Set(rows.filter(({ cpu }, i) => shown[i] && cpu !== NO_CPU).map(({ cpu }) => cpu))].sort((a, b) => a - b);
  const most = Math.floor(width / Math.max(1, cpus.length));
  const longest = Math.max(0, ...rows.filter(({ cpu }, i) => shown[i] && cpu !== NO_CPU).map((row) => cellOf(row, Infinity).length));
  const column = Math.min(most, longest + GAP);
  const narrow = most < COLUMN_MIN && column < longest + GAP;
  const lines = narrow ? [] : [cpus.map((cpu) => `CPU ${cpu}`.padEnd(column)).join('').trimEnd()];
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
    if (row.cpu === NO_CPU) lines.push(row.where === EVENT ? cellOf(row, width) : `host  ${cellOf(row, width - 'host  '.length)}`);
    else if (narrow) lines.push(`CPU ${row.cpu}  ${cellOf(row, width - 'CPU 0  '.length)}`);
    else lines.push(' '.repeat(cpus.indexOf(row.cpu) * column) + cellOf(row, column - GAP));
  });
  count();
  return lines.join('\n');
}

/** As much of the line as there is room for beside the values, and some of it in any case. */
function cellOf({ where, text, goesOn, values }: Row, width: number): string {
  const beside = values === '' ? '' : `  ${values}`;
  return cut(cut(`${where}  ${goesOn ? GOES_ON : ''}${text}`, Math.max(width - beside.length, width / 2)) + beside, width);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
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
