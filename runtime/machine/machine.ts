/** A machine as its host sees it: boot it, load modules into it, run code in it, look at what happened. */
import { set_arch } from '../../kernel/arch/arch.js';
import { set_stack_bytes, THREAD_SIZE } from '../../kernel/arch/callstack.js';
import { host_cpu, set_this_cpu, this_cpu } from '../../kernel/arch/cpu.js';
import type { task_struct } from '../../kernel/arch/task.js';
import { set_kernel } from '../../kernel/current.js';
import { proc_files, type ProcFile } from '../../kernel/fs/proc/files.js';
import type { ReportRecord } from '../../kernel/debug/report.js';
import { rules } from '../../kernel/debug/rules.js';
import { __irq_set_trigger, IRQ_TYPE_LEVEL_HIGH } from '../../kernel/irq/chip.js';
import { Kernel } from '../../kernel/kernel.js';
import { set_fail_page_alloc } from '../../kernel/mm/pages/fail_page_alloc.js';
import { set_failslab } from '../../kernel/mm/slab/failslab.js';
import { as_text, shown } from '../../kernel/lib/shown.js';
import { Mm, set_mm } from '../../kernel/mm/mm.js';
import type { ModuleParams } from '../../kernel/module/main.js';
import { param_get } from '../../kernel/module/param.js';
import { format_record } from '../../kernel/printk/printk.js';
import { Choice, type Strategy } from '../choice/choice.js';
import { HostStrategy } from '../choice/host_strategy.js';
import { set_hz, set_jiffies } from '../../kernel/time/jiffies.js';
import { NSEC_PER_SEC } from '../../kernel/time/tick.js';
import { checksumText } from '../choice/log.js';
import { SeededRandom } from '../choice/random.js';
import { decodeToken, ReplayError, type Token } from '../choice/token.js';
import { VirtualTime } from '../choice/virtual_time.js';
import type { Device } from '../devices/device.js';
import type { Image } from '../loader/index.js';
import { checkDevice, checkLine, checkName, checkPattern, checkTime } from './arguments.js';
import { Board, HaltOnHost } from './board.js';
import { call, callTogether, type Exported, type Given, type NamedCall } from './calls.js';
import { AssertionFailure, KernelError, KernelOops, KernelPanic, KernelReport, MachineError } from './errors.js';
import { ExpectedReports, noteThrown, unexpectedOf, wasThrown } from './expected_reports.js';
import { type FailPageAlloc, failPageAllocSettings, type FailSlab, failslabSettings } from './faults.js';
import { watchHostSteps } from './host_code.js';
import { HostConsole } from './host_console.js';
import { noteBoot } from './host_variables.js';
import { identityOf } from './identity.js';
import { InlineImage, type InlineModule } from './inline_module.js';
import { leftovers, type Leftover } from './leftovers.js';
import { declared, loader, type ModuleFiles } from './module_files.js';
import { type BootOptions, checkOptions, describeRules, type Options } from './options.js';
import { describePattern, type Pattern } from './pattern.js';
import { tellOfBoot } from './watch_boots.js';

/** One line of lsmod. */
export interface ModuleStatus {
  readonly name: string;
  readonly usedBy: readonly string[];
  readonly refcount: number;
}

/** Time that a settling machine is given, in ns: one that is never quiet has to be stopped somewhere. */
const SETTLE_NS = 10_000_000;

/** Virtual time that outlive() gives a machine, in ns: as long as Linux lets a task sleep before it complains. */
const OUTLIVE_NS = 120_000_000_000;

/** What came of a call into the machine. */
interface Outcome {
  is: 'none' | 'returned' | 'thrown';
  value: unknown;
}

/** The machine whose kernel the headers act on. */
let current: Machine | null = null;

export class Machine {
  private readonly options: Options;
  private readonly board: Board;
  private readonly mm: Mm;
  private readonly choice: Choice;
  readonly kernel: Kernel;
  panicked: KernelPanic | null = null;
  /** It has run functions of the host's: by run(), or as a module. */
  ranHostCode = false;
  /** Some slab allocation has been made; known when it is switched off. */
  hasAllocated = false;
  private off = false;
  /** What its user has said of its reports; most machines hear nothing. */
  private expected: ExpectedReports | null = null;
  private readonly console: HostConsole;
  private readonly files: ModuleFiles;
  /** Of the modules that were loaded. */
  private readonly images: Image[] = [];
  /** The host wants the baton back. */
  private readonly stop = (): void => {
    this.board.stop_now();
  };

  /** `strategy` stands for the options' where they are those of many machines; it is asked `points` times at most. */
  constructor(options: Options, strategy?: Strategy, files: ModuleFiles = loader, points = Infinity) {
    refuseInside('boot');
    noteBoot();
    this.files = files;
    let checked = options;
    const token: Token | null = checked.replay === null ? null : decodeToken(checked.replay);
    if (token !== null) checked = { ...checked, seed: token.seed };
    this.options = checked;
    this.choice = new Choice(strategy ?? strategyOf(checked), token, points);
    this.console = new HostConsole(checked.console);
    this.board = new Board(checked.cpus, this.choice, this.console, checked.limit_s);
    set_arch(this.board);
    this.mm = new Mm({ cpus: checked.cpus, dma_pages: checked.dma, normal_pages: checked.normal, highmem_pages: checked.highmem });
    set_hz(checked.hz);
    this.kernel = new Kernel(this.board, this.mm, {
      hz: checked.hz,
      loglevel: checked.loglevel,
      rules: checked.rules,
      sysctl: checked.sysctl,
      pointer_key: checked.seed,
      trace: checked.trace,
    });
    if (token !== null && token.machine !== this.fingerprint) {
      this.mm.release();
      throw new ReplayError('the replay token was recorded on a machine booted with other options (cpus, memory, hz, stack or rules)');
    }
    makeCurrent(this);
    if (this.choice.faults) this.failslab({ choose: true, verbose: 0 });
    if (checked.failslab !== null) this.failslab(checked.failslab);
    if (checked.failPageAlloc !== null) this.failPageAlloc(checked.failPageAlloc);
  }

  /** Checksum of everything that a replay needs to be the same. Most machines are never asked for their token. */
  private get fingerprint(): number {
    const { cpus, dma, normal, highmem, hz, stack, rules: settings, sysctl } = this.options;
    const set = sysctl === null ? [] : Object.entries(sysctl).map(([name, value]) => `${name}=${value}`).sort();
    if (stack !== THREAD_SIZE) set.push(`stack=${stack}`);
    return checksumText([cpus, dma, normal, highmem, hz, describeRules({ ...rules, ...settings }), ...set].join(' '));
  }

  /** The headers act on this machine from now on. */
  private activate(what: string): void {
    if (this.off) throw new MachineError(`${what}(): the machine is switched off`);
    refuseInside(what);
    if (current !== this) makeCurrent(this);
  }

  /** What of the machine lies in the headers' own variables. */
  resume(): void {
    // Another machine that a scenario boots explores nothing.
    if (this.choice.watcher !== null) watchHostSteps(this.board);
    set_arch(this.board);
    set_kernel(this.kernel);
    set_mm(this.mm);
    set_hz(this.options.hz);
    set_stack_bytes(this.options.stack);
    set_jiffies(this.kernel.time.jiffies_at(this.kernel.time.ticks));
  }

  /** Lets the machine run. Throws the panic, now and ever after. */
  private go(hold_clock: boolean, deadline = Infinity): 'done' | 'quiet' {
    if (this.panicked !== null) throw this.panicked;
    const reason = this.board.go(hold_clock, deadline);
    if (reason === 'halted') this.panic();
    this.console.check();
    return reason;
  }

  private panic(): never {
    const headline = this.kernel.reports[0]?.headline.split('\n')[0] ?? this.board.halted!;
    const token = this.token();
    this.kernel.printk.emit(0, `replay: ${this.options.replayHint(token)}`);
    this.panicked = new KernelPanic(headline, this.report(), token);
    noteThrown(this.kernel.reports.slice(-1));
    throw this.panicked;
  }

  /** Runs `fn` in process context, as a system call's code runs, and returns what it returns or throws. */
  run<T>(fn: () => T, name = 'run'): T {
    this.activate('run');
    if (typeof fn !== 'function') throw new MachineError(`run(): wants a function to run inside the machine, got ${shown(fn)}`);
    if (typeof name !== 'string') throw new MachineError(`run(): the name of its task is a string, got ${shown(name)}`);
    this.ranHostCode = true;
    const value = this.inTask(name, fn);
    if (typeof value === 'object' && value !== null && 'then' in value) {
      throw new MachineError('run(): the function returned a promise, and a machine that has stopped cannot go on with it: kernel code is synchronous');
    }
    return value;
  }

  /** Runs `fn` in a task of its own, which ends with it. */
  private inTask<T>(comm: string, fn: () => T): T {
    const outcome: Outcome = { is: 'none', value: null };
    const { sched } = this.kernel;
    const task = sched.create_task(comm, 0, () => {
      try {
        outcome.value = fn();
        outcome.is = 'returned';
      } catch (error) {
        outcome.value = error;
        outcome.is = 'thrown';
      }
      this.board.stop_now();
      return 0;
    });
    task.on_killed = this.stop;
    const { timeout_secs } = this.kernel.hung_tasks;
    const overdue = this.board.schedule_limit(timeout_secs === 0 ? Infinity : this.board.now() + timeout_secs * NSEC_PER_SEC, this.stop);
    sched.wake_up_new_task(task);
    try {
      this.go(false);
    } finally {
      this.board.cancel_event(overdue);
    }
    if (outcome.is === 'thrown') throw outcome.value;
    if (outcome.is === 'returned') return outcome.value as T;
    if (task.killed) {
      const report = this.kernel.reports.at(-1)!;
      noteThrown([report]);
      throw new KernelOops(comm, report.headline, report.text);
    }
    return this.never_returned(task);
  }

  /** Nothing is left to happen, or too much time has passed, and the task has not come back. */
  private never_returned(task: task_struct): never {
    try {
      this.kernel.hung_tasks.never_returned(task);
    } catch (error) {
      if (error instanceof HaltOnHost) this.panic();
      throw error;
    }
    // The rule may be set to go on; the host still has to be told.
    const report = this.kernel.reports.at(-1);
    noteThrown(this.kernel.reports.slice(-1));
    throw new KernelOops(task.comm, report?.headline ?? 'it never returned', report?.text ?? '');
  }

  /**
   * Loads a module: a file, a folder, a source text or an inline module. Throws a KernelError with Linux's errno
   * when the kernel refuses it, and what the loader throws when it cannot be compiled.
   */
  insmod(what: string | InlineModule | { readonly name: string; readonly source: string }, params: ModuleParams = {}): void {
    this.activate('insmod');
    const image = imageOf(what, this.files);
    if (image instanceof InlineImage) this.ranHostCode = true;
    else this.images.push(image);
    if (typeof params !== 'object' || (params as unknown) === null || Array.isArray(params)) {
      throw new MachineError(`insmod(): parameters are an object, as in { irq: 7 }, got ${shown(params)}`);
    }
    this.choice.load(identityOf(image, params), image.name);
    const ret = this.inTask('insmod', () => this.kernel.modules.load_module(image, params));
    if (ret < 0) throw new KernelError(`insmod ${image.name}`, ret);
  }

  /** Unloads a module. Throws a KernelError with Linux's errno when the kernel refuses. */
  rmmod(name: string): void {
    this.activate('rmmod');
    checkName('rmmod', name);
    const ret = this.inTask('rmmod', () => this.kernel.modules.delete_module(name));
    if (ret < 0) throw new KernelError(`rmmod ${name}`, ret);
  }

  /**
   * Calls a function that a module exports with EXPORT_SYMBOL(), in process context, and returns what it returns. A
   * Uint8Array among the arguments becomes a buffer in kernel memory, which is copied back and freed when the call has
   * returned. With its type, `machine.call<typeof import('./driver.js').read>('read', ...)`, arguments are checked.
   * Throws as run() does; a MachineError where no module exports such a function.
   */
  call<F extends Exported = (...args: unknown[]) => unknown>(name: string, ...args: Given<Parameters<F>>): ReturnType<F> {
    this.activate('call');
    return call(this, name, args) as ReturnType<F>;
  }

  /** The same for several calls at once, each in a task of its own. Returns what they return when all have returned. */
  callTogether(...calls: readonly NamedCall[]): unknown[] {
    this.activate('callTogether');
    return callTogether(this, calls);
  }

  /** What loaded modules export, by name. */
  symbols(): ReadonlyMap<string, unknown> {
    return new Map(this.kernel.modules.all().flatMap(({ exports }) => [...(exports ?? [])]));
  }

  /** What the files of loaded modules export to other files, by name. */
  fileExports(): ReadonlySet<string> {
    return new Set(this.images.filter(({ name }) => this.kernel.modules.find_module(name) !== null).flatMap(({ fileExports }) => fileExports));
  }

  lsmod(): readonly ModuleStatus[] {
    return this.kernel.modules.all().map((mod) => ({
      name: mod.name,
      usedBy: mod.users.map((user) => user.name),
      refcount: mod.refcount(),
    }));
  }

  /** What MODULE_INFO and its like said, and the parameters, of a loaded module. */
  modinfo(name: string): readonly { readonly tag: string; readonly text: string }[] {
    checkName('modinfo', name);
    const mod = this.kernel.modules.find_module(name);
    if (mod === null) throw new KernelError(`modinfo ${name}`, -2);
    const parm = mod.params.map((param) => ({
      tag: 'parm',
      text: `${param.name}:${param.description} (${param.type}) = ${param_get(param)}`,
    }));
    return [{ tag: 'filename', text: mod.path }, { tag: 'name', text: mod.name }, ...mod.info, ...parm];
  }

  /** An edge on an interrupt line, or its level goes up; then whatever can happen without time passing happens. */
  raise(irq: number): void {
    this.activate('raise');
    this.board.irqchip.irq_raise(checkLine('raise', irq));
    this.settle();
  }

  /**
   * An interrupt that will come once, after its line has been requested: at any preemption point, as the strategy
   * chooses, at the latest when the machine has nothing else to do. By virtual time alone it comes then, before any
   * timer; a strategy may choose that what is due next comes first, be it the end of an advance().
   */
  arm(irq: number): void {
    this.activate('arm');
    this.board.arm(checkLine('arm', irq));
  }

  /**
   * What must hold at every preemption point of an explored run, or of its replay; a machine that runs by its clocks
   * does not look. `holds` is called in the middle of whatever code runs: it reads, and neither blocks nor changes
   * anything. Throws an AssertionFailure with `text` where it returns false.
   */
  invariant(holds: () => boolean, text: string): void {
    this.activate('invariant');
    if (typeof holds !== 'function') throw new MachineError(`invariant(): wants a function that says whether it holds, got ${shown(holds)}`);
    if (typeof text !== 'string') throw new MachineError(`invariant(): wants a text that says what must hold, got ${shown(text)}`);
    this.board.invariant(holds, text);
  }

  /** The level of a line goes down. */
  lower(irq: number): void {
    this.activate('lower');
    this.board.irqchip.irq_lower(checkLine('lower', irq));
  }

  /** Plugs a device in: its ports answer, and its line, which works by level, reaches the interrupt controller. */
  attach(device: Device): void {
    this.activate('attach');
    checkDevice(device);
    if (device.irq !== 0) {
      checkLine('attach', device.irq);
      __irq_set_trigger(this.kernel.irq.irq_to_desc(device.irq)!, IRQ_TYPE_LEVEL_HIGH);
    }
    this.board.io.attach(device);
  }

  /** Lets `ns` of virtual time pass. */
  advance(ns: number): void {
    this.activate('advance');
    checkTime('advance', ns);
    const alarm = this.board.schedule_event(this.board.now() + ns, this.stop);
    try {
      this.go(false);
    } finally {
      this.board.cancel_event(alarm);
    }
  }

  /** Runs until every CPU is idle, without waiting for timers; a machine that is never idle gets 10 ms. */
  settle(): void {
    this.activate('settle');
    const alarm = this.board.schedule_limit(this.board.now() + SETTLE_NS, this.stop);
    try {
      this.go(true);
    } finally {
      this.board.cancel_event(alarm);
    }
  }

  /**
   * settle(), or the host goes on at once, by choice: of the kind `settle`, the first being usual. There is none where
   * nothing can happen without time passing.
   */
  settleOrGoOn(): void {
    this.activate('settleOrGoOn');
    if (!this.board.isQuiet && this.board.choose('settle', 2) === 0) this.settle();
  }

  /**
   * Runs until nothing is left to happen: every CPU is idle, no timer is pending and no device is at work. Returns
   * false where that is not so after `ns` of virtual time.
   */
  untilQuiet(ns: number): boolean {
    this.activate('untilQuiet');
    checkTime('untilQuiet', ns);
    return this.go(false, this.board.now() + ns) === 'quiet';
  }

  /**
   * Lets the machine run on once its modules are gone, until nothing is left to happen or two minutes have
   * passed: work that a module has left behind is called, and faults where its code was. Throws as advance() does.
   */
  outlive(): void {
    this.untilQuiet(OUTLIVE_NS);
  }

  /** ns of virtual time since boot. */
  now(): number {
    return this.board.now();
  }

  /** The log, as dmesg prints it. */
  dmesg(): string {
    return this.kernel.printk.log().map(format_record).join('\n');
  }

  /** The messages alone, without stamps. */
  log(): readonly string[] {
    return this.kernel.printk.log().map((record) => record.text);
  }

  /** A file of /proc, as text: `machine.proc('meminfo')`. */
  proc(file: ProcFile): string {
    this.activate('proc');
    if (!Object.hasOwn(proc_files, file)) throw new MachineError(`proc(): there is no /proc/${as_text(file)}; there are ${Object.keys(proc_files).join(', ')}`);
    return proc_files[file]();
  }

  /** The event log of a machine that was booted with `trace`: a line an event, as ftrace prints it. */
  trace(): string {
    if (this.kernel.trace === null) throw new MachineError('trace(): the machine was booted without { trace: true }');
    return this.kernel.trace.text();
  }

  /** What was printed from the first report on; empty where there was none. */
  report(): string {
    const first = this.kernel.reports[0];
    if (first === undefined) return '';
    const lines = this.log();
    const from = lines.indexOf(first.headline.split('\n')[0]!);
    return lines.slice(Math.max(0, from)).join('\n');
  }

  /** Headlines of the reports so far. */
  headlines(): readonly string[] {
    return this.kernel.reports.map((report) => report.headline);
  }

  /**
   * Says that the kernel is to report something that matches, from now on: that is no failure then, as often as it comes.
   * It is one where it has not come by the end: of a vitest test, of an explored schedule, of whoever calls checkReports().
   */
  expectReport(pattern: string | RegExp): void {
    checkPattern('expectReport', pattern);
    (this.expected ??= new ExpectedReports()).name(pattern, this.kernel.reports.length);
  }

  /** Reports so far that expectReport() has not named, and no matcher has matched. */
  unexpectedReports(): readonly ReportRecord[] {
    const { reports } = this.kernel;
    return reports.length === 0 ? reports : unexpectedOf(reports, this.expected);
  }

  /** Those of them that no error has carried to the host: it cannot know of them. */
  unseenReports(): readonly ReportRecord[] {
    return this.unexpectedReports().filter((report) => !wasThrown(report));
  }

  /** Reports that were named, and have not come. */
  missingReports(): readonly Pattern[] {
    return this.expected?.missing(this.kernel.reports) ?? [];
  }

  /**
   * Throws a KernelReport where the kernel has reported what nobody expected, and an AssertionFailure where it has not reported
   * what expectReport() has named. What a KernelPanic or a KernelOops has told is left out: who caught that has seen it.
   */
  checkReports(): void {
    const [first, ...others] = this.unseenReports();
    if (first !== undefined) {
      const more = others.map(({ headline }) => `\n  ${headline.split('\n', 1)[0]!}`).join('');
      throw new KernelReport(first.headline, `${first.text}${more === '' ? '' : `\n\nand then${more}`}`);
    }
    const [missing] = this.missingReports();
    if (missing === undefined) return;
    const came = this.kernel.reports.map(({ text }) => text).join('\n\n');
    throw new AssertionFailure(`expected a report with ${describePattern(missing)}, but the kernel has reported ${came === '' ? 'nothing' : `only:\n\n${came}`}`);
  }

  /** Slab allocations fail from now on as the settings say; null: no more. RINGZERO_FAILSLAB says it for every machine. */
  failslab(settings: FailSlab | null): void {
    this.activate('failslab');
    set_failslab(settings === null ? null : failslabSettings(settings));
  }

  /** The same for blocks of pages, and RINGZERO_FAIL_PAGE_ALLOC. */
  failPageAlloc(settings: FailPageAlloc | null): void {
    this.activate('failPageAlloc');
    set_fail_page_alloc(settings === null ? null : failPageAllocSettings(settings));
  }

  /** Looks for memory leaks now, as `echo scan > /sys/kernel/debug/kmemleak` does. Returns what that file says then. */
  kmemleak(): string {
    this.activate('kmemleak');
    return this.inTask('kmemleak', () => {
      this.kernel.kmemleak.scan();
      return this.kernel.kmemleak.show();
    });
  }

  /** What modules have left behind: memory, lines, timers, locks. */
  leftovers(): readonly Leftover[] {
    this.activate('leftovers');
    return leftovers(this.kernel);
  }

  /** Something has happened because its time had come: a timer, a device. */
  get timersExpired(): boolean {
    return this.board.timers_expired;
  }

  /** Interrupts that arm() was told of, and that have not come. */
  get armedLines(): readonly number[] {
    return this.board.armed_lines;
  }

  /** The replay token of everything so far. */
  token(): string {
    return this.choice.token(this.fingerprint, this.options.seed);
  }

  /** Its strategy has been asked as often as it may be. */
  get beyondPoints(): boolean {
    return this.choice.exhausted(this.board.code_run);
  }

  /** It has been switched off. */
  get isOff(): boolean {
    return this.off;
  }

  /** Decisions of the run that is replayed which this one has not come to; 0 without a token. */
  get decisionsLeft(): number {
    return this.choice.unused;
  }

  /** Ends the machine and gives back its memory and stacks. May be called twice. */
  powerOff(): void {
    if (this.off) return;
    refuseInside('powerOff');
    this.off = true;
    this.board.power_off();
    if (this.choice.watcher !== null) watchHostSteps(null);
    if (current === this) {
      current = null;
      set_this_cpu(host_cpu);
    }
    this.hasAllocated = this.mm.has_allocated;
    this.mm.release();
  }
}

/** Boots a machine and makes it the current one. */
export function boot(options: BootOptions = {}): Machine {
  const machine = new Machine(checkOptions(options));
  tellOfBoot(machine);
  return machine;
}

/** Whether there is a machine for the headers to act on. */
export function hasMachine(): boolean {
  return current !== null;
}

function makeCurrent(machine: Machine): void {
  current = machine;
  machine.resume();
}

function refuseInside(what: string): void {
  if (this_cpu !== host_cpu) throw new MachineError(`${what}() is the host's: it cannot be called from code that runs inside the machine`);
}

function strategyOf(options: Options): Strategy {
  if (options.strategy === 'time') return new VirtualTime();
  return options.strategy === 'random' ? new SeededRandom(options.seed) : new HostStrategy(options.strategy);
}

function imageOf(what: string | InlineModule | { readonly name: string; readonly source: string }, files: ModuleFiles): Image | InlineImage {
  if (typeof what === 'string') return declared(files.load(what), what);
  const { name, source, body } = (what ?? {}) as { readonly name?: unknown; readonly source?: unknown; readonly body?: unknown };
  if (typeof name === 'string' && typeof source === 'string') return declared(files.loadSource(name, source), `${name}.ts`);
  if (typeof name === 'string' && typeof body === 'function') return new InlineImage(what as InlineModule);
  const got = typeof what === 'object' && (what as unknown) !== null ? `{ ${Object.keys(what).join(', ')} }` : shown(what);
  throw new MachineError(`insmod(): wants a file's path, { name, source } or { name, body }, got ${got}`);
}
