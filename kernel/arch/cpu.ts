/**
 * One CPU: the registers that kernel code asks about on every step, and its clock.
 *
 * The clock is kept as fuel: a small integer of nanoseconds left until something may be due, so that a preemption
 * point is one subtraction and one comparison. The time itself is `horizon - fuel`.
 */
import { FRAME_NONE } from './callstack.js';
import { SITE_NONE } from './site.js';
import { arch } from './arch.js';
import { task_struct } from './task.js';

export const NR_CPUS = 8;

/** Runs code, or could. */
export const CPU_RUNNING = 0;
/** Its idle task waits for an interrupt or for a task to run. */
export const CPU_IDLE = 1;
/** Busy-waits for a word in memory to change; time passes for it only when somebody else changes it. */
export const CPU_SPINNING = 2;

/** Bits of `irq_pending`. */
export const IRQ_LINES = 1;
export const IRQ_TICK = 2;
export const IRQ_RESCHEDULE = 4;
export const IRQ_CALL_FUNCTION = 8;

/** The longest that a CPU runs without looking up, in ns: fuel stays a small integer. */
export const FUEL_MAX_NS = 1_000_000_000;

/** One of something for each CPU. Array.from() says the same and takes five times as long, at every boot. */
export function per_cpu<T>(cpus: number, make: (id: number) => T): T[] {
  const each = new Array<T>(cpus);
  for (let id = 0; id < cpus; id++) each[id] = make(id);
  return each;
}

export class Cpu {
  readonly id: number;
  fuel = 0;
  horizon = 0;

  /** Linux's layout: preempt bits 0-7, softirq 8-15, hardirq 16-19, NMI 20-23. */
  preempt_count = 0;
  /** The interrupt flag: 1 while interrupts are disabled. */
  irqs_off = 0;
  irq_pending = 0;
  softirq_pending = 0;
  need_resched = 0;

  /** Locks that the task holds which the interrupt, or the softirq, has come upon: those above are its own. */
  locks_below_hardirq = 0;
  locks_below_softirq = 0;

  /** How often a hard interrupt, and a round of softirqs, has begun: each is a context of its own. */
  hardirqs = 0;
  softirqs = 0;

  current: task_struct;
  readonly idle: task_struct;
  /** Tasks in its run queue. Here, for at every preemption point of an explored machine somebody asks whether there are any. */
  nr_queued = 0;

  state = CPU_IDLE;
  /** Says whether a spinning CPU still has to wait. */
  spin_blocked: (() => boolean) | null = null;
  /** What a spinning CPU waits for, as a kernel address; 0 when it does not spin. */
  spin_address = 0;
  /** When it was last kicked out of idle, in ns. */
  wake_at = 0;

  /** Who disabled preemption, softirqs or interrupts last, when none of it was disabled before. */
  preempt_off_frame = FRAME_NONE;
  preempt_off_site = SITE_NONE;
  irqs_off_frame = FRAME_NONE;
  irqs_off_site = SITE_NONE;

  constructor(id: number, idle: task_struct) {
    this.id = id;
    this.idle = idle;
    this.current = idle;
  }

  /** The slow half of a preemption point: the fuel is used up. `step` is what begins, see point.ts, and `address` what it accesses. */
  look_around(step: number, address: number): void {
    if (this === host_cpu) {
      this.fuel = 0;
      throw new OutsideMachineError();
    }
    this.current.check_return?.();
    arch.look_around(this, step, address);
    if (this_cpu.current.check_return !== null) kick(this_cpu);
  }
}

/** A kernel function was called where there is no CPU to run it. */
export class OutsideMachineError extends Error {
  override readonly name = 'OutsideMachineError';
  constructor() {
    super(
      'a kernel function was called outside the machine. Boot one and call it from within: ' +
        'const machine = boot(); machine.run(() => { ... })',
    );
  }
}

/**
 * Stands for a CPU while the host's own code runs. It has no fuel, so the first kernel call that host code makes
 * outside run() is refused instead of acting on a machine that stands still.
 */
export const host_cpu = new Cpu(-1, new task_struct(0, 'host', 0, () => 0));

/** Its local time, in ns since boot. */
export function cpu_clock(cpu: Cpu): number {
  return cpu.horizon - cpu.fuel;
}

/** The CPU whose code runs now; the host's stand-in while the machine does not run. */
export let this_cpu: Cpu = host_cpu;

export function set_this_cpu(cpu: Cpu): void {
  // Mostly it is. V8 keeps books on each store of something new into something old.
  if (this_cpu !== cpu) this_cpu = cpu;
}

/** Makes the CPU look up at its next preemption point; its time does not change. */
export function kick(cpu: Cpu): void {
  cpu.horizon -= cpu.fuel;
  cpu.fuel = 0;
}
