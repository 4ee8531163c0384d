/** The timers of all CPUs and their softirq. Follows kernel/time/timer.c: __mod_timer(), __run_timers(). */
import { arch } from '../arch/arch.js';
import { type Cpu, CPU_SPINNING, this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { TIMER_SOFTIRQ } from '../irq/softirq_vectors.js';
import { TimerBase, type TimerNode } from './timer_base.js';
import type { timer_record } from './timer_list.js';

export class Timers {
  /** By CPU, each made when the first timer is armed on it. */
  private readonly bases: (TimerBase | undefined)[] = [];
  private armings = 0;
  /** Numbers given to records so far. */
  numbers = 0;
  private built_records: Map<number, timer_record> | null = null;

  /** Timers in kernel memory that were set up, by address. */
  get records(): Map<number, timer_record> {
    return (this.built_records ??= new Map());
  }

  /** When the CPU's first timer is due, in ticks since boot; Infinity where none is pending. */
  next_expiry(cpu_id: number): number {
    return this.bases[cpu_id]?.first()?.due ?? Infinity;
  }

  /** Context: hard interrupt, at each tick of the CPU. */
  run_local_timers(cpu: Cpu): void {
    if (this.next_expiry(cpu.id) <= kernel.time.ticks) kernel.softirq.raise_softirq(TIMER_SOFTIRQ);
  }

  /** Arms a timer that is not pending, for a time in ticks since boot; one that is past means the next tick. */
  arm(timer: TimerNode, ticks: number, cpu: Cpu): void {
    // A timer whose function runs stays with its CPU, so that the function never runs twice at once.
    const running = this.running_on(timer);
    const cpu_id = running >= 0 ? running : cpu.id;
    const base = (this.bases[cpu_id] ??= new TimerBase());
    timer.cpu = cpu_id;
    timer.due = Math.max(ticks, base.clk, kernel.time.ticks + 1);
    timer.order = this.armings++;
    base.enqueue(timer);
    // A CPU that sleeps without its tick has to be told of it.
    const target = arch.cpus[cpu_id]!;
    if (target !== this_cpu && base.first() === timer && !kernel.sched.is_busy(target)) kernel.time.stop_tick(target);
  }

  /** Takes a timer out. Returns whether it was pending. */
  disarm(timer: TimerNode): boolean {
    if (timer.slot < 0) return false;
    this.bases[timer.cpu]!.detach(timer);
    return true;
  }

  /** The CPU that runs the timer's function now, or -1. */
  running_on(timer: TimerNode): number {
    return this.bases[timer.cpu]?.running === timer ? timer.cpu : -1;
  }

  /** The handler of TIMER_SOFTIRQ. Context: softirq. */
  run_timer_softirq(): void {
    const base = (this.bases[this_cpu.id] ??= new TimerBase());
    while (base.clk <= kernel.time.ticks) {
      // What a function arms from here on is for a later tick: a timer that arms itself for now does not go on for ever.
      const now = kernel.time.ticks;
      base.clk = now + 1;
      for (let first = base.first(); first !== null && first.due <= now; first = base.first()) {
        const ways = base.companions();
        const way = ways === 1 ? 0 : arch.choose('timer', ways);
        const timer = way === 0 ? first : base.companion(way);
        base.detach(timer);
        base.running = timer;
        timer.expire(timer);
        base.running = null;
        // Somebody may be in del_timer_sync().
        for (const cpu of arch.cpus) if (cpu.state === CPU_SPINNING && cpu !== this_cpu) arch.notify(cpu);
      }
    }
  }

  /** The timers whose functions run now. Context: any. */
  running(): TimerNode[] {
    return this.bases.flatMap((base) => base?.running ?? []);
  }

  /** Calls `visit` for every pending timer of kernel memory, in the order in which they are due. Context: any. */
  for_each_pending(visit: (timer: timer_record) => void): void {
    if (this.built_records === null) return;
    const pending = [...this.built_records.values()].filter((record) => record.slot >= 0);
    pending.sort((a, b) => a.due - b.due || a.order - b.order).forEach(visit);
  }
}
