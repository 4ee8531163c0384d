/** `ringzero explore` and `ringzero replay`: modules under every short interleaving, and one of these again. */
import { NR_CPUS } from '../../kernel/arch/cpu.js';
import { NR_IRQS } from '../../kernel/arch/irqchip.js';
import { EXPLORED_KINDS } from '../choice/restricted.js';
import { decodeToken, ReplayError } from '../choice/token.js';
import { Campaign } from '../explore/campaign.js';
import { type Call, CallError, parseCall } from '../explore/calls.js';
import { forgetFailure, keepFailure, keptFailure } from '../explore/kept.js';
import { type ExploreStrategy, type Limits, parseKinds, readOptions, STRATEGIES } from '../explore/options.js';
import { claimOfPart } from '../explore/part.js';
import type { Plan } from '../explore/plan.js';
import { parseShare } from '../explore/share.js';
import { shellWord } from '../explore/shell_word.js';
import { moduleNamed } from '../loader/resolve.js';
import { MachineError } from '../machine/errors.js';
import { supervise } from '../supervisor/supervisor.js';
import { type Account, ACCOUNT_FLAGS, checkForm } from './account.js';
import { COVERAGE, withCoverage } from './coverage.js';
import { EXIT_CLEAN, EXIT_FAULT, EXIT_INTERRUPTED, explainFailure } from './exit.js';
import { countsOf, progressLine } from './progress.js';
import { accountFor, clearResult, mergeCommand, saveResult } from './result.js';
import { modulesOf } from './run.js';
import { paint, type Terminal } from './terminal.js';
import { type Arguments, type Flags, HELP, integer, integerFlag, LIMIT, limitFlag, numberFlag, parseFlags, suggestion, UsageError } from './usage.js';
import { workersOf } from './workers.js';

const TIMEOUT_S = 10;
const TIMEOUT: Flags = { timeout: { value: 'SECONDS', help: `End a module that reaches no preemption point for so long (${TIMEOUT_S})` } };

const SCENARIO_FLAGS: Flags = {
  arm: { value: 'IRQ', help: 'An interrupt that comes once, at any point after its line is requested. May be repeated', multiple: true },
  call: { value: "'NAME(ARG, ...)'", help: 'Call an exported function, in a task of its own: numbers, \'text\', true, null, [bytes]. May be repeated', multiple: true },
  time: { value: 'MS', help: 'Virtual time to run after loading' },
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
  kinds: { value: 'KIND,...', help: `Kinds of choice to explore, of ${EXPLORED_KINDS.join(', ')} (all)` },
  'no-reduce': { help: 'Run schedules that differ only in the order of steps that commute, too' },
  workers: { value: 'N|auto', help: 'Threads that share the schedules; auto: one a processor (1)' },
  shard: { value: 'I/N', help: 'Run the Ith of N parts, each on a machine of its own' },
  result: { value: 'FILE', help: 'Write what is found, for --merge' },
  merge: { help: 'Each FILE is the result of a shard: say what they show together' },
  ...TIMEOUT,
  ...LIMIT,
  ...COVERAGE,
  ...SCENARIO_FLAGS,
  ...ACCOUNT_FLAGS,
  ...HELP,
};

export const REPLAY_FLAGS: Flags = { ...SCENARIO_FLAGS, ...TIMEOUT, ...LIMIT, ...HELP };

/** Time between two lines of progress, in ms: those that somebody looks at, and those of a log. */
const LIVE_MS = 200;
const LOG_MS = 5000;

function callOf(text: string): Call {
  try {
    return parseCall('--call', text);
  } catch (error) {
    if (error instanceof CallError) throw new UsageError(error.message);
    throw error;
  }
}

function planOf(args: Arguments, words: readonly string[], command: string, columns?: number): Plan {
  const time_ms = numberFlag(args, 'time', 'milliseconds');
  const cpus = integerFlag(args, 'cpus', 1, NR_CPUS);
  const flags = Object.keys(SCENARIO_FLAGS).flatMap((name) => (args.values.get(name) ?? []).flatMap((value) => [`--${name}`, shellWord(value)]));
  return {
    modules: modulesOf(words, command),
    calls: (args.values.get('call') ?? []).map(callOf),
    arm: (args.values.get('arm') ?? []).map((text) => integer('--arm', text, 1, NR_IRQS - 1)),
    words: [...words.map(shellWord), ...flags].join(' '),
    ...(time_ms === undefined ? {} : { time_ms }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(columns === undefined ? {} : { columns }),
  };
}

export async function exploreCommand(argv: readonly string[], terminal: Terminal, account: Account | null = null): Promise<number> {
  const args = parseFlags(argv, EXPLORE_FLAGS, 'explore');
  checkForm(args.values);
  if (args.values.has('merge')) {
    const other = [...args.values.keys()].find((name) => name !== 'merge' && !Object.hasOwn(ACCOUNT_FLAGS, name));
    if (other !== undefined) throw new UsageError(`--merge takes result files, which have the options of their exploration: --${other} means nothing there`);
    return mergeCommand(args.words, terminal, account);
  }
  const plan = planOf(args, args.words, 'explore', terminal.live ? terminal.width : undefined);
  const limits = limitsOf(args);
  const workers = workersOf(args, 'RINGZERO_EXPLORE_WORKERS');
  const timeout_s = numberFlag(args, 'timeout', 'seconds') ?? TIMEOUT_S;
  const limit_s = limitFlag(args);
  const file = args.values.get('result')?.[0];
  const key = `${plan.words}${limits.faults > 0 ? ' with faults' : ''}`;
  // The command line names what is kept; a worker keeps nothing.
  const name = limits.keep ?? key;
  const kept = name === false ? null : keptOf(name);
  const campaign = new Campaign(plan, { ...limits, keep: false }, {
    workers,
    kept,
    timeout_s,
    limit_s,
    signal: terminal.signal,
    console: (line) => {
      account?.remark(line);
      return terminal.out(paint(line, terminal.colors));
    },
  });
  if (file !== undefined) clearResult(file);

  const begin = performance.now();
  const elapsed_ms = (): number => performance.now() - begin;
  const timer = setInterval(() => {
    terminal.status(`ringzero: ${progressLine(limits, campaign.part, campaign.census.schedules.size, elapsed_ms())}`);
  }, terminal.live ? LIVE_MS : LOG_MS);
  const { failure, trouble } = await withCoverage(args, () => campaign.run()).finally(() => {
    clearInterval(timer);
  });

  if (account !== null) {
    account.subject = plan.modules.map(({ path }) => moduleNamed(path)).join(' ');
    if (failure !== null || trouble === null || trouble.kind === 'interrupted')
      accountFor(account, { strategy: limits.strategy }, { part: campaign.part, census: campaign.census, claim: claimOfPart(limits, campaign.part), failure, words: plan.words });
  }
  // What does not load, or hangs, has no result.
  if (file !== undefined && (trouble === null || trouble.kind === 'interrupted')) saveResult(file, plan, limits, campaign, failure);
  if (name !== false && kept !== null && (failure === null ? trouble === null : failure.found > 0)) forgetFailure(name);
  if (failure !== null) {
    const why = name === false ? null : keepFailure(name, failure);
    if (why !== null) terminal.err(`ringzero: the failing schedule could not be kept for the next run: ${why}`);
    void terminal.out(failure.message.split('\n').map((line) => paint(line, terminal.colors)).join('\n'));
    return EXIT_FAULT;
  }
  const { part } = campaign;
  const claim = claimOfPart(limits, part);
  if (trouble?.kind === 'interrupted') {
    terminal.err(`ringzero: interrupted; by then: ${claim}`);
    return EXIT_INTERRUPTED;
  }
  const code = trouble === null ? null : explainFailure(trouble, timeout_s, terminal);
  if (code !== null) return code;
  void terminal.out(claim);
  terminal.err(terminal.colors.dim(`ringzero: ${countsOf(part, campaign.census)}, ${(elapsed_ms() / 1000).toFixed(1)} s`));
  return EXIT_CLEAN;
}

export async function replayCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = parseFlags(argv, REPLAY_FLAGS, 'replay');
  const [token, ...words] = args.words;
  if (token === undefined) throw new UsageError('which schedule? ringzero replay TOKEN FILE ...; see: ringzero help replay');
  readable(token);
  const plan = planOf(args, words, 'replay');
  const timeout_s = numberFlag(args, 'timeout', 'seconds') ?? TIMEOUT_S;
  const outcome = await supervise({ kind: 'replay', plan, token }, {
    console: (line) => terminal.out(paint(line, terminal.colors)),
    timeout_s,
    limit_s: limitFlag(args),
    signal: terminal.signal,
  });
  const code = explainFailure(outcome, timeout_s, terminal);
  if (code !== null) return code;
  if (outcome.kind !== 'replayed') throw new TypeError(`a replay came out as ${outcome.kind}`);
  if (outcome.headline === null) {
    terminal.err(terminal.colors.dim('ringzero: it passes'));
    return EXIT_CLEAN;
  }
  terminal.err(`ringzero: it fails: ${outcome.headline}`);
  return EXIT_FAULT;
}

/** What is no token is said before anything is loaded. */
function readable(token: string): void {
  try {
    decodeToken(token);
  } catch (error) {
    if (error instanceof ReplayError) throw new UsageError(error.message);
    throw error;
  }
}

function limitsOf(args: Arguments): Limits {
  const strategy = args.values.get('strategy')?.[0];
  if (strategy !== undefined && !(STRATEGIES as readonly string[]).includes(strategy)) {
    throw new UsageError(`--strategy must be one of ${STRATEGIES.join(', ')}, not '${strategy}'${suggestion(strategy, STRATEGIES)}`);
  }
  const shard = args.values.get('shard')?.[0];
  const options: Record<string, number> = {};
  const least = { schedules: 1, milliseconds: 1, preemptions: 0, delays: 0, interrupts: 0, faults: 0, depth: 1, seed: -0x8000_0000 };
  for (const [name, low] of Object.entries(least)) {
    const value = integerFlag(args, name, low, 0xffff_ffff);
    if (value !== undefined) options[name] = value;
  }
  const listed = args.values.get('kinds')?.[0];
  try {
    const kinds = listed === undefined ? undefined : parseKinds('--kinds', listed);
    if (shard !== undefined) parseShare('--shard', shard);
    return readOptions({ ...options, ...(kinds === undefined ? {} : { kinds }), ...(strategy === undefined ? {} : { strategy: strategy as ExploreStrategy }), ...(shard === undefined ? {} : { shard }), ...(args.values.has('no-reduce') ? { reduce: false } : {}) }).limits;
  } catch (error) {
    if (error instanceof MachineError) throw new UsageError(error.message);
    throw error;
  }
}

function keptOf(name: string): ReturnType<typeof keptFailure> {
  try {
    return keptFailure(name);
  } catch (error) {
    if (error instanceof MachineError) throw new UsageError(error.message);
    throw error;
  }
}
