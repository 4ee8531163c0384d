/** The kernel of one machine: its subsystems, built in the order of Linux's start_kernel(). */
import type { Arch } from './arch/arch.js';
import { HungTasks, type HungTaskSysctls } from './debug/hung_task.js';
import type { ReportRecord } from './debug/report.js';
import { rules, type RuleName, type RuleSetting, type RuleSettings } from './debug/rules.js';
import { Watchdog } from './debug/watchdog.js';
import { Random } from './drivers/char/random.js';
import { Irq } from './irq/handle.js';
import { Softirq } from './irq/softirq.js';
import { Tasklets } from './irq/tasklet.js';
import { LockState } from './locking/lock_state.js';
import type { Mm } from './mm/mm.js';
import { enable_quarantine } from './mm/kasan/quarantine.js';
import { AddressMap } from './lib/address_map.js';
import { name_of, shown } from './lib/shown.js';
import { DebugObjects } from './lib/debugobjects.js';
import { Faults } from './lib/fault_inject.js';
import { Kmemleak } from './mm/kmemleak.js';
import { enable_kmsan } from './mm/kasan/kmsan.js';
import { Modules } from './module/main.js';
import { Registrations } from './module/registrations.js';
import { Printk } from './printk/printk.js';
import { Sched } from './sched/core.js';
import { Time } from './time/tick.js';
import { Timers } from './time/timer.js';
import { Trace } from './trace/trace.js';
import { Workqueues } from './workqueue/workqueue.js';

export interface KernelOptions {
  readonly hz: number;
  readonly loglevel: number;
  /** Null where nothing differs from the rules' own settings. */
  readonly rules: RuleSettings | null;
  /** Null where nothing differs from the defaults. */
  readonly sysctl: HungTaskSysctls | null;
  /** Keeps the event log. */
  readonly trace: boolean;
  /** Mixed into the addresses that %p prints. */
  readonly pointer_key: number;
}

export class Kernel {
  readonly arch: Arch;
  readonly release = '6.1.0-ringzero';
  readonly rules: Readonly<Record<RuleName, RuleSetting>>;
  readonly reports: ReportRecord[] = [];
  taint = 0;
  oops_count = 0;
  readonly pointer_key: number;
  readonly lock_names = new AddressMap<string>();

  readonly trace: Trace | null;
  readonly mm: Mm;
  readonly printk: Printk;
  readonly sched: Sched;
  readonly irq: Irq;
  readonly softirq = new Softirq();
  readonly time: Time;
  readonly timers: Timers;
  readonly watchdog = new Watchdog();
  readonly modules = new Modules();

  // Built by who needs them first: an exploration boots tens of thousands of machines a second.
  // Whoever only looks on reads these fields, null while nobody has needed it, and builds nothing.
  built_locks: LockState | null = null;
  private built_debug_objects: DebugObjects | null = null;
  built_tasklets: Tasklets | null = null;
  private built_random: Random | null = null;
  private built_faults: Faults | null = null;
  private built_kmemleak: Kmemleak | null = null;
  built_workqueues: Workqueues | null = null;
  built_registrations: Registrations | null = null;
  private built_hung_tasks: HungTasks | null = null;
  private readonly sysctl: HungTaskSysctls | null;

  constructor(arch: Arch, mm: Mm, options: KernelOptions) {
    this.arch = arch;
    this.mm = mm;
    this.sysctl = options.sysctl;
    this.trace = options.trace ? new Trace() : null;
    // One set for all machines that change nothing: copying it would be a tenth of a boot.
    this.rules = options.rules === null ? rules : { ...rules, ...options.rules };
    if (this.rules.kmsan !== 'off') enable_kmsan(mm);
    if (this.rules.kasan !== 'off') enable_quarantine(mm);
    this.pointer_key = options.pointer_key;
    this.printk = new Printk(options.loglevel);
    this.sched = new Sched(arch.cpus);
    this.irq = new Irq();
    this.time = new Time(options.hz);
    this.timers = new Timers();
  }

  get locks(): LockState {
    return (this.built_locks ??= new LockState());
  }

  get debug_objects(): DebugObjects {
    return (this.built_debug_objects ??= new DebugObjects());
  }

  get tasklets(): Tasklets {
    return (this.built_tasklets ??= new Tasklets(this.arch.cpus.length, this.softirq));
  }

  get hung_tasks(): HungTasks {
    return (this.built_hung_tasks ??= new HungTasks(this.sysctl));
  }

  get random(): Random {
    return (this.built_random ??= new Random(this.pointer_key));
  }

  get faults(): Faults {
    return (this.built_faults ??= new Faults(this.pointer_key));
  }

  get kmemleak(): Kmemleak {
    return (this.built_kmemleak ??= new Kmemleak());
  }

  get workqueues(): Workqueues {
    return (this.built_workqueues ??= new Workqueues());
  }

  get registrations(): Registrations {
    return (this.built_registrations ??= new Registrations());
  }

  /** How a function is named in reports: `name [module]`. */
  symbol_of(fn: unknown): string {
    if (typeof fn !== 'function') return shown(fn);
    const owner = this.modules.owner_of(fn);
    const own = name_of(fn);
    const name = own === '' ? '<anonymous>' : own;
    return owner === null ? name : `${name} [${owner}]`;
  }
}
