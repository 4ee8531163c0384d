/** Agreement with the real kernel, counted as README.md says. */
import type { RuleSettings } from 'ringzero';
import { play, type Played } from './play.js';
import type { Verdict } from './verdicts.js';

/** What differs, in words; empty where all agrees. */
export function differences(verdict: Verdict): string[] {
  const ours = play(verdict.name);
  // A report that stops our machine let the real one go on: what the module said comes from a run that goes on, too.
  const talk = verdict.reachedEnd === true ? goingOn(verdict.name, ours) : ours;
  return [...fault(verdict, ours), ...headline(verdict, ours), ...returned(verdict, talk), ...said(verdict, talk)];
}

/** The run in which no rule stops the machine that is one of those that can let it go on. */
function goingOn(name: string, ours: Played): Played {
  const rules: RuleSettings = {};
  let run = ours;
  while (run.panicked && run.rule !== null && !Object.hasOwn(rules, run.rule)) {
    Object.assign(rules, { [run.rule]: 'warn' });
    run = play(name, rules);
  }
  return run;
}

/** The lines that the real kernel reported with. */
function realLines({ first, alsoInLog = [] }: Verdict): string[] {
  return first === null ? [] : [...first.split('\n'), ...alsoInLog];
}

/** Our first headline; a plain line of the log counts as one where the real kernel's was such a line. */
function ourHeadline(verdict: Verdict, { headlines, log }: Played): string | null {
  const real = new Set(realLines(verdict).map(normalised));
  return headlines[0] ?? log.find((line) => real.has(normalised(line))) ?? null;
}

/** 1: silent exactly where the real one was; an errno counts as silence, with the same errno. */
function fault(verdict: Verdict, ours: Played): string[] {
  const found: string[] = [];
  const isSilent = verdict.verdict === 'silent' || verdict.verdict === 'errno';
  if (isSilent && ours.headlines.length > 0) found.push(`the real kernel was silent, ours reported: ${ours.headlines[0]!}`);
  if (!isSilent && ourHeadline(verdict, ours) === null) found.push(`ours was silent, the real kernel reported: ${verdict.first ?? verdict.verdict}`);
  return found;
}

/** What insmod and rmmod came back with, whatever the kernel reported, and whether insmod did at all. */
function returned({ errnos = [], insmodReturned = true }: Verdict, ours: Played): string[] {
  const found: string[] = [];
  same(found, 'errnos', ours.errnos, errnos);
  if (ours.insmodReturned !== insmodReturned) found.push(`insmod ${ours.insmodReturned ? 'returned' : 'never returned'}, in the real kernel it ${insmodReturned ? 'did' : 'did not'}`);
  return found;
}

/** 2: our first headline is one of those that the real kernel printed. */
function headline(verdict: Verdict, ours: Played): string[] {
  const line = ourHeadline(verdict, ours);
  const real = realLines(verdict);
  if (line === null || real.length === 0 || ours.headlines.length === 0) return [];
  if (real.some((other) => normalised(other) === normalised(line))) return [];
  return [`headline: ours ${JSON.stringify(line)}, real ${JSON.stringify(real)}`];
}

/** 3: what the module said agrees. Lines of the script that drove the real kernel are not the module's. */
function said(verdict: Verdict, { said }: Played): string[] {
  const found: string[] = [];
  const real = (verdict.said ?? []).filter((line) => !/^\/bin\/|\bLive 0x|\bLoading 0x/.test(line));
  same(found, 'said', said.map(withoutTask), real.map(withoutTask));
  return found;
}

function same(found: string[], what: string, ours: readonly string[], real: readonly string[]): void {
  if (ours.join('\n') !== real.join('\n')) found.push(`${what}: ours ${JSON.stringify(ours)}, real ${JSON.stringify(real)}`);
}

const TASK = /\b(?:insmod|rmmod|orc|run|(?:kworker|ksoftirqd|swapper|irq)\/[\w:-]+)(?=[/: ]|$)/g;

const withoutTask = (line: string): string => line.replace(/comm=\S+/, 'comm=TASK');

/** Without numbers, addresses, pids, places in source files and names of tasks. */
export function normalised(line: string): string {
  return line
    .replace(/\b(?:[\w.-]+\/)*[\w.-]+\.(?:c|h|ts):\d+(?::\d+)?/g, 'PLACE')
    // An address, as a symbol and an offset, and what the compiler has split off: there is none in ours.
    .replace(/(?:\.(?:part|isra|constprop|cold)(?:\.\d+)?)*\+0x\w+\/0x\w+| \[\w+\]/g, '')
    // What a scenario does in C is part of orc_init() and orc_exit(): the compiler has put it there.
    .replace(/PLACE run$/, 'PLACE orc_init')
    .replace(/PLACE stop$/, 'PLACE orc_exit')
    .replace(/^(BUG: KASAN: [\w-]+) in .*/, '$1')
    .replace(/ at \(____ptrval____\).*/, '')
    .replaceAll('(____ptrval____)', 'N')
    .replace(/(hint:|set at|was hit) .*/, '$1')
    .replace(TASK, 'TASK')
    .replace(/0x[0-9a-f]+|\b[0-9a-f]{8,16}\b|\d+/g, 'N')
    .trim();
}
