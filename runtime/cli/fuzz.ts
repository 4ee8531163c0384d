/** `ringzero fuzz`: random programs of calls, interrupts and faults against modules, guided by coverage. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NR_CPUS } from '../../kernel/arch/cpu.js';
import { NR_IRQS } from '../../kernel/arch/irqchip.js';
import { count } from '../explore/errors.js';
import { FuzzCampaign } from '../fuzz/campaign.js';
import { type FuzzOptions, readFuzzOptions, readTimeout } from '../fuzz/options.js';
import type { Crash, Fuzzing } from '../fuzz/shown.js';
import { checkTarget } from '../fuzz/target.js';
import { LoadError } from '../loader/index.js';
import { moduleNamed } from '../loader/resolve.js';
import { MachineError } from '../machine/errors.js';
import { makeFolder } from '../make_folder.js';
import { type Account, ACCOUNT_FLAGS, checkForm } from './account.js';
import { COVERAGE, withCoverage } from './coverage.js';
import { EXIT_CLEAN, EXIT_FAULT, EXIT_INTERRUPTED, EXIT_USAGE, explainFailure } from './exit.js';
import { modulesOf } from './run.js';
import { paint, type Terminal } from './terminal.js';
import { type Arguments, type Flags, HELP, integer, integerFlag, LIMIT, limitFlag, numberFlag, parseFlags, UsageError } from './usage.js';
import { workersOf } from './workers.js';

const OUTPUT = '.ringzero/crashes';

export const FUZZ_FLAGS: Flags = {
  executions: { value: 'N', help: 'Programs to run at most (10000)' },
  milliseconds: { value: 'MS', help: 'Time that it may take (no limit)' },
  seed: { value: 'N', help: 'Seeds whatever is random (0)' },
  steps: { value: 'N', help: 'Steps of a program, at most (12)' },
  irq: { value: 'N', help: 'An interrupt line, beside those that the modules request. May be repeated', multiple: true },
  corpus: { value: 'DIR', help: 'Programs to try first; those that bring new coverage are added (none)' },
  workers: { value: 'N|auto', help: 'Threads that share the programs; auto: one a processor (1)' },
  ...COVERAGE,
  timeout: { value: 'SECONDS', help: 'End a module that reaches no preemption point for so long (10)' },
  ...LIMIT,
  cpus: { value: 'N', help: `CPUs, 1 to ${NR_CPUS} (2)` },
  output: { value: 'DIR', help: `Where the tests go that reproduce crashes (${OUTPUT})` },
  ...ACCOUNT_FLAGS,
  ...HELP,
};

/** Time between two looks at what is new, and between two lines of a log that say how far it is, in ms. */
const LOOK_MS = 200;
const LOG_MS = 5000;
/** Crashes that the summary shows: it is to fit on a screen. */
const SHOWN_MAX = 5;
const NAME_MAX = 60;

export async function fuzzCommand(argv: readonly string[], terminal: Terminal, account: Account | null = null): Promise<number> {
  const args = parseFlags(argv, FUZZ_FLAGS, 'fuzz');
  checkForm(args.values);
  const modules = modulesOf(args.words, 'fuzz').map(({ path, params }) => ({ module: path, ...(params === undefined ? {} : { params }) }));
  const irqs = (args.values.get('irq') ?? []).map((text) => integer('--irq', text, 1, NR_IRQS - 1));
  const output = args.values.get('output')?.[0] ?? OUTPUT;
  const workers = workersOf(args, 'RINGZERO_FUZZ_WORKERS');
  const broken = new AbortController();
  try {
    const told = readFuzzOptions(optionsOf(args));
    const timeout_s = readTimeout('--timeout', numberFlag(args, 'timeout', 'seconds'));
    const signal = AbortSignal.any([terminal.signal, broken.signal]);
    const campaign = new FuzzCampaign(told, checkTarget({ modules, irqs }), { workers, timeout_s, limit_s: limitFlag(args), signal });
    if (account !== null) account.subject = modules.map(({ module }) => moduleNamed(module)).join(' ');
    return await withCoverage(args, () => fuzz(campaign, { output, timeout_s, corpus: told.limits.corpus, broken, account }, terminal));
  } catch (error) {
    if (error instanceof LoadError) {
      terminal.err(error.message);
      return error.code === 'ENOENT' ? EXIT_USAGE : EXIT_FAULT;
    }
    if (error instanceof MachineError) throw new UsageError(error.message);
    throw error;
  }
}

interface How {
  readonly output: string;
  readonly timeout_s: number;
  readonly corpus: string | null;
  /** Aborted where there is no use in going on: what is found cannot be written. */
  readonly broken: AbortController;
  readonly account: Account | null;
}

async function fuzz(campaign: FuzzCampaign, { output, timeout_s, corpus, broken, account }: How, terminal: Terminal): Promise<number> {
  const begin = performance.now();
  let said = begin;
  let written = 0;
  // Soon: what has been found is not lost with what comes after it.
  const writeNew = ({ crashes }: Fuzzing): void => {
    for (; written < crashes.length; written++) write(output, crashes[written]!, written);
  };
  const timer = setInterval(() => {
    const { result } = campaign;
    try {
      writeNew(result);
    } catch (error) {
      broken.abort(error);
      return;
    }
    const now = performance.now();
    if (now - said < (terminal.live ? LOOK_MS : LOG_MS)) return;
    said = now;
    const { executions, edges, crashes } = result;
    terminal.status(`ringzero: ${executions} programs, ${edges} edges, ${crashes.length} crashes, ${Math.round((executions * 1000) / (now - begin))} a second`);
  }, LOOK_MS);
  const trouble = await campaign.run().finally(() => {
    clearInterval(timer);
  });
  if (broken.signal.aborted) throw broken.signal.reason;
  const { result } = campaign;
  writeNew(result);
  if (account !== null && (trouble === null || trouble.kind === 'interrupted' || result.executions > 0)) accountFor(account, result, output);
  summary(result, output, terminal);
  if (trouble?.kind === 'interrupted') {
    terminal.err(`ringzero: interrupted; by then: ${result.claim}`);
    return EXIT_INTERRUPTED;
  }
  if (trouble?.kind === 'lockup') account?.remark(trouble.report);
  if (trouble?.kind === 'lockup') void terminal.out(trouble.report.split('\n').map((line) => paint(line, terminal.colors)).join('\n'));
  const code = trouble === null ? null : explainFailure(trouble, timeout_s, terminal);
  if (code !== null) return code;
  void terminal.out(result.claim);
  terminal.err(terminal.colors.dim(`ringzero: ${corpusText(result, corpus)}, ${((performance.now() - begin) / 1000).toFixed(1)} s`));
  return result.crashes.length === 0 ? EXIT_CLEAN : EXIT_FAULT;
}

function accountFor(account: Account, { crashes, corpus, ...counts }: Fuzzing, output: string): void {
  account.steps = crashes.map(({ headline, frames, report }) => ({ name: headline, result: 'failed', log: [report, ...frames] }));
  account.summary = [counts.claim];
  account.result = {
    ...counts,
    corpus: corpus.length,
    crashes: crashes.map((crash, i) => {
      const { headline, frames, report, found, token } = crash;
      return { headline, frames, report, found, token: token ?? null, file: fileOf(output, crash, i) };
    }),
  };
}

/** `35 programs in the corpus, 4 of them new in DIR`. */
function corpusText({ corpus, written }: Fuzzing, folder: string | null): string {
  return `${count(corpus.length, 'program')} in the corpus${folder === null ? '' : `, ${written} of them new in ${folder}`}`;
}

function summary({ crashes }: Fuzzing, output: string, terminal: Terminal): void {
  crashes.slice(0, SHOWN_MAX).forEach((crash, i) => {
    void terminal.out(paint(crash.headline, terminal.colors));
    for (const frame of crash.frames) void terminal.out(`  ${frame}`);
    void terminal.out(terminal.colors.dim(`  found by ${crash.found === 0 ? 'a program of the corpus' : `program ${crash.found}`}; fails again by ${fileOf(output, crash, i)}`));
  });
  if (crashes.length > SHOWN_MAX) void terminal.out(`... and ${crashes.length - SHOWN_MAX} more in ${output}`);
}

function fileOf(output: string, { headline }: Crash, number: number): string {
  const words = headline.replace(/\W+/g, '-').replace(/^-|-$/g, '').slice(0, NAME_MAX).replace(/-$/, '').toLowerCase();
  return join(output, `${number + 1}-${words}.test.ts`);
}

function write(output: string, crash: Crash, number: number): void {
  const file = fileOf(output, crash, number);
  try {
    makeFolder(output);
    writeFileSync(file, crash.test);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function optionsOf(args: Arguments): FuzzOptions {
  const options: Record<string, number> = {};
  for (const [name, low] of Object.entries({ executions: 1, milliseconds: 1, steps: 1, seed: -0x8000_0000 })) {
    const value = integerFlag(args, name, low, 0xffff_ffff);
    if (value !== undefined) options[name] = value;
  }
  const cpus = integerFlag(args, 'cpus', 1, NR_CPUS);
  const corpus = args.values.get('corpus')?.[0];
  if (corpus === '') throw new UsageError('--corpus must name a folder');
  return { ...options, ...(cpus === undefined ? {} : { cpus }), ...(corpus === undefined ? {} : { corpus }) };
}
