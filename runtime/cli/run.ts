/** `ringzero run`: loads modules, lets the machine live, unloads them, and says what is wrong. */
import { NR_CPUS } from '../../kernel/arch/cpu.js';
import { NR_IRQS } from '../../kernel/arch/irqchip.js';
import { hung_task_sysctls } from '../../kernel/debug/hung_task.js';
import { rules, type RuleName, type RuleSetting } from '../../kernel/debug/rules.js';
import { DEFAULT_PAGES } from '../../kernel/mm/mm.js';
import { LOWMEM_PAGES_MAX } from '../../kernel/mm/node.js';
import { shellWord } from '../explore/shell_word.js';
import { moduleNamed } from '../loader/resolve.js';
import type { JobBoot, Outcome, RunJob } from '../supervisor/job.js';
import { supervise } from '../supervisor/supervisor.js';
import { type Account, ACCOUNT_FLAGS, checkForm, type Step } from './account.js';
import { COVERAGE, withCoverage } from './coverage.js';
import { EXIT_CLEAN, EXIT_FAULT, explainFailure } from './exit.js';
import { showText, showTime } from './show.js';
import { Steps } from './steps.js';
import { paint, readInput, type Terminal } from './terminal.js';
import { type Arguments, type Flags, HELP, integer, integerFlag, LIMIT, limitFlag, numberFlag, parseFlags, suggestion, UsageError } from './usage.js';

const TIMEOUT_S = 10;

export const RUN_FLAGS: Flags = {
  cpus: { value: 'N', help: `CPUs, 1 to ${NR_CPUS} (2)` },
  memory: { value: 'ZONE=SIZE,...', help: 'Sizes of the zones dma, normal and highmem (dma=4M,normal=12M,highmem=4M)' },
  stack: { value: 'BYTES', help: "Of each task's stack, of which a function takes 64: 4096 to 65536 (16384)" },
  hz: { value: 'N', help: 'Ticks a second, 24 to 1000 (250)' },
  seed: { value: 'N', help: 'Seeds whatever is random (0)' },
  strategy: { value: 'time|random', help: 'How to choose where it could go more than one way: by the clocks, or by the seed (time)' },
  sysctl: { value: 'NAME=VALUE', help: 'a setting of the kernel: kernel.hung_task_timeout_secs=30. May be repeated', multiple: true },
  rule: { value: 'NAME=SETTING', help: 'panic, warn or off; see: ringzero rules. May be repeated', multiple: true },
  loglevel: { value: 'N', help: 'Messages of a level below N are shown, 0 to 8 (7)' },
  input: { value: 'FILE', help: 'Arrives at the serial port after loading; - is standard input' },
  raise: { value: 'IRQ', help: 'Raise an interrupt line after loading. May be repeated', multiple: true },
  time: { value: 'MS', help: 'Virtual time to run after loading (until nothing is left to happen)' },
  keep: { help: 'Leave the modules loaded: no rmmod, no check for what they left behind' },
  replay: { value: 'TOKEN', help: 'Go the way of an earlier run: the token is at the end of its report' },
  timeout: { value: 'SECONDS', help: `End a module that reaches no preemption point for so long (${TIMEOUT_S})` },
  ...LIMIT,
  ...COVERAGE,
  trace: { help: 'Show the event log at the end' },
  ...ACCOUNT_FLAGS,
  ...HELP,
};

export async function runCommand(argv: readonly string[], terminal: Terminal, account: Account | null = null): Promise<number> {
  const args = parseFlags(argv, RUN_FLAGS, 'run');
  checkForm(args.values);
  const modules = modulesOf(args.words, 'run');
  const boot = bootOf(args);
  const time_ms = numberFlag(args, 'time', 'milliseconds');
  const timeout_s = numberFlag(args, 'timeout', 'seconds') ?? TIMEOUT_S;
  const limit_s = limitFlag(args);
  const raise = (args.values.get('raise') ?? []).map((text) => integer('--raise', text, 1, NR_IRQS - 1));
  const source = args.values.get('input')?.[0];
  const input = source === undefined ? undefined : await readInput(source, terminal);
  const job: RunJob = {
    kind: 'run',
    boot,
    modules,
    raise,
    keep: args.values.has('keep'),
    command: commandLine(args),
    ...(time_ms === undefined ? {} : { time_ms }),
    ...(input === undefined ? {} : { input }),
  };
  const steps = account === null ? null : new Steps(job);
  const outcome = await withCoverage(args, () => supervise(job, {
    console: (line) => {
      steps?.console(line);
      return terminal.out(paint(line, terminal.colors));
    },
    stage: (stage) => {
      steps?.stage(stage);
    },
    timeout_s,
    limit_s,
    signal: terminal.signal,
  }));
  if (account !== null && steps !== null) accountFor(account, modules, steps.all(outcome), outcome);
  return explainFailure(outcome, timeout_s, terminal) ?? summary(outcome, terminal);
}

/** Nothing of a run that did not begin: what does not compile has remarks only. */
function accountFor(account: Account, modules: RunJob['modules'], steps: readonly Step[], outcome: Outcome): void {
  account.subject = modules.map(({ path }) => moduleNamed(path)).join(' ');
  if (outcome.kind === 'bad-module' || outcome.kind === 'bad-option') return;
  account.steps = steps;
  const state = 'state' in outcome ? outcome.state : null;
  account.result = {
    modules: modules.map(({ path, params }) => ({ path, params })),
    steps,
    reports: state?.headlines.map((text) => text.split('\n')[0]!) ?? ('headline' in outcome ? [outcome.headline] : []),
    panic: outcome.kind === 'panic' ? { headline: outcome.headline, report: outcome.report, token: outcome.token } : null,
    leftovers: outcome.kind === 'done' ? outcome.leftovers : null,
    time_ns: state?.time_ns ?? null,
    quiet: outcome.kind === 'done' ? outcome.quiet : null,
    serial: state === null ? null : { sent: Buffer.from(state.sent).toString('base64'), lost: state.lost },
    trace: state?.trace ?? null,
  };
}

/** What is to be said when a run has come to an end. */
function summary(outcome: Outcome, terminal: Terminal): number {
  if (outcome.kind !== 'done' && outcome.kind !== 'panic') throw new TypeError(`a run came out as ${outcome.kind}`);
  const { state } = outcome;
  if (state.sent.length > 0) void terminal.out(`The serial port sent ${state.sent.length} bytes:\n${showText(state.sent, { columns: terminal.width }).join('\n')}`);
  if (state.lost > 0) terminal.err(`ringzero: ${state.lost} bytes were lost at the serial port: nobody had read the earlier ones in time`);
  if (state.trace !== null) void terminal.out(state.trace);
  if (outcome.kind === 'panic') return EXIT_FAULT;
  if (!outcome.quiet) terminal.err(`ringzero: the machine was still busy after ${showTime(state.time_ns)} of virtual time; --time MS gives it more, or less`);
  const { headlines } = state;
  if (headlines.length > 0) terminal.err(`ringzero: ${headlines.length} report${headlines.length === 1 ? '' : 's'}:\n${headlines.map((line) => `  ${line.split('\n')[0]!}`).join('\n')}`);
  const leftovers = outcome.leftovers ?? [];
  if (leftovers.length > 0) terminal.err(`ringzero: left behind by the modules:\n${leftovers.map((line) => `  ${line}`).join('\n')}`);
  if (headlines.length > 0 || leftovers.length > 0) return EXIT_FAULT;
  const rest = outcome.leftovers === null ? 'modules still loaded' : 'nothing left behind';
  terminal.err(terminal.colors.dim(`ringzero: clean, ${rest}; ${showTime(state.time_ns)} of virtual time`));
  return EXIT_CLEAN;
}

/** The modules of a command line, each with the parameters that follow it. */
export function modulesOf(words: readonly string[], command: string): RunJob['modules'] {
  const modules: { path: string; params: [name: string, value: string][] }[] = [];
  for (const word of words) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name === undefined) modules.push({ path: word, params: [] });
    else {
      const last = modules.at(-1);
      if (last === undefined) throw new UsageError(`the parameter ${word} comes after the module that it is for: ringzero ${command} FILE ${word}`);
      last.params.push([name, value!]);
    }
  }
  if (modules.length === 0) throw new UsageError(`which module? ringzero ${command} FILE.ts [name=value ...]; see: ringzero help ${command}`);
  // Not by assignment: a parameter may be called __proto__.
  return modules.map(({ path, params }) => ({ path, params: Object.fromEntries(params) }));
}

function bootOf(args: Arguments): JobBoot {
  const cpus = integerFlag(args, 'cpus', 1, NR_CPUS);
  const hz = integerFlag(args, 'hz', 24, 1000);
  const stack = integerFlag(args, 'stack', 4096, 65536);
  const seed = integerFlag(args, 'seed', -0x8000_0000, 0xffff_ffff);
  const loglevel = integerFlag(args, 'loglevel', 0, 8);
  const strategy = args.values.get('strategy')?.[0];
  if (strategy !== undefined && strategy !== 'time' && strategy !== 'random') {
    throw new UsageError(`--strategy must be time or random, not '${strategy}'${suggestion(strategy, ['time', 'random'])}`);
  }
  const memory = args.values.get('memory')?.[0];
  const replay = args.values.get('replay')?.[0];
  const settings = args.values.get('rule') ?? [];
  const sysctl = args.values.get('sysctl') ?? [];
  return {
    ...(cpus === undefined ? {} : { cpus }),
    ...(hz === undefined ? {} : { hz }),
    ...(stack === undefined ? {} : { stack }),
    ...(seed === undefined ? {} : { seed }),
    ...(loglevel === undefined ? {} : { loglevel }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(memory === undefined ? {} : { memory: memoryOf(memory) }),
    ...(replay === undefined ? {} : { replay }),
    ...(settings.length === 0 ? {} : { rules: rulesOf(settings) }),
    ...(sysctl.length === 0 ? {} : { sysctl: Object.fromEntries(sysctl.map(sysctlOf)) }),
    ...(args.values.has('trace') ? { trace: true } : {}),
  };
}

/** `normal=12M,dma=64K`: sizes become pages of 4096 bytes. */
function memoryOf(text: string): Record<string, number> {
  const zones = ['dma', 'normal', 'highmem'];
  const sizes: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [, zone = '', digits, unit = ''] = /^(\w+)=(\d+)([KMG]?)$/i.exec(part) ?? [];
    if (digits === undefined) throw new UsageError(`--memory: '${part}' is not ZONE=SIZE, as in normal=12M`);
    if (!zones.includes(zone)) throw new UsageError(`--memory: there is no zone '${zone}'; there are ${zones.join(', ')}`);
    const bytes = Number(digits) * { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[unit.toUpperCase()]!;
    if (bytes % 4096 !== 0 || bytes > 1024 ** 3) throw new UsageError(`--memory: ${part}: a zone is a multiple of 4K, dma and normal together up to 992M, highmem up to 1G`);
    sizes[zone] = bytes / 4096;
  }
  const { dma = DEFAULT_PAGES.dma_pages, normal = DEFAULT_PAGES.normal_pages } = sizes;
  if (dma + normal === 0 || dma + normal > LOWMEM_PAGES_MAX) throw new UsageError(`--memory: ${text}: dma and normal together are 4K to 992M; unless told dma is 4M, normal 12M`);
  return sizes;
}

function rulesOf(settings: readonly string[]): Partial<Record<RuleName, RuleSetting>> {
  const chosen: Partial<Record<RuleName, RuleSetting>> = {};
  for (const text of settings) {
    const [, name = '', setting] = /^([^=]*)=(.*)$/.exec(text) ?? [];
    if (!Object.hasOwn(rules, name)) throw new UsageError(`--rule: there is no rule '${setting === undefined ? text : name}'${suggestion(name, Object.keys(rules))}; see: ringzero rules`);
    if (setting !== 'panic' && setting !== 'warn' && setting !== 'off') throw new UsageError(`--rule ${name}= must be panic, warn or off, not '${setting ?? ''}'`);
    chosen[name as RuleName] = setting;
  }
  return chosen;
}

function sysctlOf(text: string): [string, number] {
  const [, name = '', value] = /^([^=]*)=(-?\d+)$/.exec(text) ?? [];
  const names = Object.keys(hung_task_sysctls);
  if (value === undefined) throw new UsageError(`--sysctl: '${text}' is not NAME=VALUE, as in kernel.hung_task_timeout_secs=30`);
  if (!names.includes(name)) throw new UsageError(`--sysctl: there is no sysctl '${name}'${suggestion(name, names)}; there are ${names.join(', ')}`);
  return [name, Number(value)];
}

/** Flags that a replay needs to be the same. The seed and the strategy are in the token. */
const REPLAYED = ['cpus', 'memory', 'hz', 'stack', 'rule', 'sysctl', 'input', 'raise', 'time', 'keep'];

function commandLine({ words, values }: Arguments): string {
  const flags = REPLAYED.flatMap((name) => (values.get(name) ?? []).flatMap((value) => (value === '' ? [`--${name}`] : [`--${name}`, shellWord(value)])));
  return ['ringzero run', ...words.map(shellWord), ...flags].join(' ');
}
