/** `ringzero explore` and `ringzero replay`: modules under every short interleaving, and one of these again. */
import { setImmediate } from 'node:timers/promises';
import { NR_CPUS } from '../../kernel/arch/cpu.js';
import { NR_IRQS } from '../../kernel/arch/irqchip.js';
import { ReplayError } from '../choice/token.js';
import { ExplorationError, ExplorationFailure } from '../explore/errors.js';
import { Explorer } from '../explore/explore.js';
import { type ExploreOptions, type ExploreStrategy, readOptions, STRATEGIES } from '../explore/options.js';
import { headlineOf, type MachineOptions, runSchedule, type Scenario } from '../explore/schedule.js';
import { LoadError } from '../loader/index.js';
import { KernelError, MachineError } from '../machine/errors.js';
import type { Machine } from '../machine/machine.js';
import { EXIT_CLEAN, EXIT_FAULT, EXIT_INTERRUPTED, EXIT_USAGE } from './exit.js';
import { forgetFailure, keepFailure, keptFailure } from './failures.js';
import { modulesOf, shellWord } from './run.js';
import { paint, type Terminal } from './terminal.js';
import { type Arguments, type Flags, HELP, integer, integerFlag, numberFlag, parseFlags, suggestion, UsageError } from './usage.js';

const SCENARIO_FLAGS: Flags = {
  arm: { value: 'IRQ', help: 'An interrupt that comes once, at any point after its line is requested. May be repeated', multiple: true },
  time: { value: 'MS', help: 'Virtual time to run after loading (until nothing is left to happen at once)' },
  cpus: { value: 'N', help: `CPUs, 1 to ${NR_CPUS} (2)` },
};

export const EXPLORE_FLAGS: Flags = {
  strategy: { value: STRATEGIES.join('|'), help: 'How to choose the schedules (portfolio)' },
  schedules: { value: 'N', help: 'Schedules to run at most (10000)' },
  milliseconds: { value: 'MS', help: 'Time that it may take (no limit)' },
  preemptions: { value: 'N', help: 'Preemptions of a schedule, at most (2)' },
  delays: { value: 'N', help: 'The same for the strategy delay (2)' },
  interrupts: { value: 'N', help: 'Interrupts that come sooner than they must, at most (1)' },
  faults: { value: 'N', help: 'Allocations that fail in a schedule, at most (0)' },
  depth: { value: 'N', help: 'Depth of the bugs that pct looks for (3)' },
  seed: { value: 'N', help: 'Seeds whatever is random (0)' },
  ...SCENARIO_FLAGS,
  ...HELP,
};

export const REPLAY_FLAGS: Flags = { ...SCENARIO_FLAGS, ...HELP };

/** Time between two looks at Ctrl-C, and between two lines of progress, in ms. */
const SLICE_MS = 50;
const PROGRESS_MS = 5000;

interface Plan {
  readonly scenario: Scenario;
  readonly machine: MachineOptions;
  /** The command line for a token. */
  readonly replay: (token: string) => string;
}

/** `faults`: insmod may find no memory. */
function planOf(args: Arguments, words: readonly string[], command: string, faults: boolean): Plan {
  const modules = modulesOf(words, command);
  const arm = (args.values.get('arm') ?? []).map((text) => integer('--arm', text, 1, NR_IRQS - 1));
  const time_ms = numberFlag(args, 'time', 'milliseconds');
  const cpus = integerFlag(args, 'cpus', 1, NR_CPUS);
  const flags = Object.keys(SCENARIO_FLAGS).flatMap((name) => (args.values.get(name) ?? []).flatMap((value) => [`--${name}`, shellWord(value)]));
  const replay = (token: string): string => ['ringzero replay', token, ...words.map(shellWord), ...flags].join(' ');
  const scenario = (machine: Machine): void => {
    for (const irq of arm) machine.arm(irq);
    const names: string[] = [];
    try {
      for (const { path, params } of modules) {
        const before = new Set(machine.lsmod().map(({ name }) => name));
        machine.insmod(path, params);
        names.push(...machine.lsmod().map(({ name }) => name).filter((name) => !before.has(name)));
      }
    } catch (error) {
      if (!(faults && error instanceof KernelError && error.code === 'ENOMEM')) throw error;
    }
    if (time_ms !== undefined) machine.advance(time_ms * 1e6);
    machine.settle();
    for (const name of names.reverse()) machine.rmmod(name);
    machine.settle();
    const left = machine.leftovers();
    if (left.length > 0) throw new Error(`left behind by the modules: ${left.map(({ text }) => text).join('\n')}`);
  };
  return { scenario, machine: { replayHint: replay, ...(cpus === undefined ? {} : { cpus }) }, replay };
}

export async function exploreCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = parseFlags(argv, EXPLORE_FLAGS, 'explore');
  const options = optionsOf(args);
  const plan = planOf(args, args.words, 'explore', (options.faults ?? 0) > 0);
  const key = `${plan.replay('').replace('ringzero replay ', '').trim()}${(options.faults ?? 0) > 0 ? ' with faults' : ''}`;
  try {
    const explorer = new Explorer(readOptions({ ...options, ...plan.machine }), plan.scenario, plan.replay);
    const kept = keptFailure(key);
    if (kept !== null) {
      explorer.retry(kept);
      forgetFailure(key);
    }
    return await explore(explorer, terminal);
  } catch (error) {
    if (error instanceof ExplorationFailure) {
      if (error.cause instanceof LoadError) return cannotLoad(error.cause, terminal);
      keepFailure(key, error);
      void terminal.out(error.message.split('\n').map((line) => paint(line, terminal.colors)).join('\n'));
      return EXIT_FAULT;
    }
    if (error instanceof ExplorationError) {
      terminal.err(`ringzero: ${error.message}`);
      return EXIT_FAULT;
    }
    if (error instanceof MachineError) throw new UsageError(error.message);
    throw error;
  }
}

async function explore(explorer: Explorer, terminal: Terminal): Promise<number> {
  const begin = performance.now();
  let said = begin;
  for (;;) {
    const until = performance.now() + SLICE_MS;
    let more = true;
    while (more && performance.now() < until) more = explorer.step();
    if (!more) break;
    await setImmediate();
    const now = performance.now();
    const { schedules, distinct, claim } = explorer.result;
    if (terminal.signal.aborted) {
      terminal.err(`ringzero: interrupted; by then: ${claim}`);
      return EXIT_INTERRUPTED;
    }
    if (now - said < PROGRESS_MS) continue;
    said = now;
    terminal.err(terminal.colors.dim(`ringzero: ${schedules} schedules, ${distinct} of them different, ${Math.round((schedules * 1000) / (now - begin))} a second`));
  }
  const { claim, distinct, steps } = explorer.finish();
  void terminal.out(claim);
  terminal.err(terminal.colors.dim(`ringzero: ${distinct} different schedules, ${steps} points of choice, ${((performance.now() - begin) / 1000).toFixed(1)} s`));
  return EXIT_CLEAN;
}

export function replayCommand(argv: readonly string[], terminal: Terminal): number {
  const args = parseFlags(argv, REPLAY_FLAGS, 'replay');
  const [token, ...words] = args.words;
  if (token === undefined) throw new UsageError('which schedule? ringzero replay TOKEN FILE ...; see: ringzero help replay');
  const { scenario, machine } = planOf(args, words, 'replay', true);
  const console = (line: string): void => {
    void terminal.out(paint(line, terminal.colors));
  };
  try {
    const failure = runSchedule({ ...machine, console }, { replay: token }, scenario);
    if (failure === null) {
      terminal.err(terminal.colors.dim('ringzero: it passes'));
      return EXIT_CLEAN;
    }
    const { error } = failure;
    if (error instanceof ReplayError) throw error;
    if (error instanceof LoadError) return cannotLoad(error, terminal);
    terminal.err(`ringzero: it fails: ${headlineOf(error)}`);
    return EXIT_FAULT;
  } catch (error) {
    if (error instanceof ReplayError || error instanceof MachineError) throw new UsageError(error.message);
    throw error;
  }
}

function cannotLoad(error: LoadError, terminal: Terminal): number {
  terminal.err(error.message);
  return error.code === 'ENOENT' ? EXIT_USAGE : EXIT_FAULT;
}

function optionsOf(args: Arguments): ExploreOptions {
  const strategy = args.values.get('strategy')?.[0];
  if (strategy !== undefined && !(STRATEGIES as readonly string[]).includes(strategy)) {
    throw new UsageError(`--strategy must be one of ${STRATEGIES.join(', ')}, not '${strategy}'${suggestion(strategy, STRATEGIES)}`);
  }
  const options: Record<string, number> = {};
  const least = { schedules: 1, milliseconds: 1, preemptions: 0, delays: 0, interrupts: 0, faults: 0, depth: 1, seed: -0x8000_0000 };
  for (const [name, low] of Object.entries(least)) {
    const value = integerFlag(args, name, low, 0xffff_ffff);
    if (value !== undefined) options[name] = value;
  }
  return { ...options, ...(strategy === undefined ? {} : { strategy: strategy as ExploreStrategy }) };
}
