/** A kernel of nothing but memory: one or more CPUs, one task each, reports gathered. */
import { set_arch, type Arch } from '../../kernel/arch/arch.js';
import { Cpu, set_this_cpu, this_cpu } from '../../kernel/arch/cpu.js';
import { TASK_RUNNING, task_struct } from '../../kernel/arch/task.js';
import { set_kernel } from '../../kernel/current.js';
import { rules, type RuleName, type RuleSetting } from '../../kernel/debug/rules.js';
import type { ReportRecord } from '../../kernel/debug/report.js';
import type { Kernel } from '../../kernel/kernel.js';
import { LockState } from '../../kernel/locking/lock_state.js';
import { Modules } from '../../kernel/module/main.js';
import { Registrations } from '../../kernel/module/registrations.js';
import { DEFAULT_PAGES, Mm, set_mm } from '../../kernel/mm/mm.js';
import type { MmOptions } from '../../kernel/mm/node.js';

/** Time passes, and nobody else runs: who sleeps comes back at once. */
const sleepless = {
  time: { ticks: 0 },
  irq: { threads: new Map() },
  timers: { arm: () => undefined, disarm: () => undefined },
  sched: {
    tasks: new Map(),
    schedule: () => {
      this_cpu.current.__state = TASK_RUNNING;
    },
    create_task: (comm: string, flags: number, fn: () => number) => new task_struct(2, comm, flags, fn),
    wake_up_new_task: () => undefined,
    try_to_wake_up: () => false,
    do_task_dead: () => {
      throw new Killed();
    },
  },
};

/** What an oops does to the code under test: there is nobody to kill. */
export class Killed extends Error {}

/** What a panic does to the code under test. */
export class Halted extends Error {}

export interface MemoryMachine {
  readonly mm: Mm;
  readonly cpus: readonly Cpu[];
  readonly reports: readonly ReportRecord[];
  /** First lines of the reports so far; they are forgotten. */
  headlines(): string[];
  /** Whole text of the only report; it is forgotten. */
  text(): string;
  /** Another CPU runs from here. */
  on_cpu(id: number): void;
  off(): void;
}

/** All rules warn, so that one test can see what happens after a report. */
export function memory_machine(options: Partial<MmOptions> = {}, setting: RuleSetting = 'warn'): MemoryMachine {
  const sizes: MmOptions = { cpus: 2, ...DEFAULT_PAGES, ...options };
  const cpus = Array.from({ length: sizes.cpus }, (_, id) => {
    const task = new task_struct(39 + id, 'insmod', 0, () => 0);
    task.__state = TASK_RUNNING;
    const cpu = new Cpu(id, new task_struct(0, `swapper/${id}`, 0, () => 0));
    cpu.current = task;
    return cpu;
  });
  const reports: ReportRecord[] = [];
  const arch: Partial<Arch> = {
    cpus,
    look_around: (cpu) => {
      cpu.fuel = 1_000_000;
    },
    now: () => 0,
    console_write: () => undefined,
    source_line: () => null,
    halt: (headline) => {
      throw new Halted(headline);
    },
  };
  const settings = Object.fromEntries(Object.keys(rules).map((rule) => [rule, setting])) as Record<RuleName, RuleSetting>;
  const kernel = { rules: settings, reports, taint: 0, release: '6.1.0', lock_names: new Map(), locks: new LockState(), modules: new Modules(), registrations: new Registrations(), printk: { emit: () => undefined }, ...sleepless };
  set_arch(arch as Arch);
  set_kernel(kernel as unknown as Kernel);
  set_this_cpu(cpus[0]!);
  const mm = new Mm(sizes);
  set_mm(mm);
  return {
    mm,
    cpus,
    reports,
    headlines: () => reports.splice(0).map((report) => report.headline.split('\n')[0]!),
    text: () => {
      if (reports.length !== 1) throw new Error(`expected one report, got ${reports.length}: ${reports.map((r) => r.headline).join('; ')}`);
      return reports.splice(0)[0]!.text;
    },
    on_cpu: (id) => {
      set_this_cpu(cpus[id]!);
    },
    off: () => {
      mm.release();
    },
  };
}
