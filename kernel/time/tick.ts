/**
 * The tick and jiffies. Follows kernel/time/tick-common.c, tick-sched.c and timekeeping.c.
 *
 * A CPU that runs a task ticks HZ times a second; an idle one sleeps until its next timer.
 */
import { arch, type ClockEvent } from '../arch/arch.js';
import { type Cpu, cpu_clock, IRQ_TICK } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { set_jiffies } from './jiffies.js';

export const NSEC_PER_SEC = 1_000_000_000;

export class Time {
  readonly hz: number;
  readonly tick_ns: number;
  /** As INITIAL_JIFFIES: the counter wraps five minutes after boot, so that nobody can rely on its not wrapping. */
  private readonly initial_jiffies: number;
  /** By CPU: its next tick. */
  private readonly events: (ClockEvent | null)[] = [null, null, null, null, null, null, null, null];
  /** What happens then, by CPU. */
  private readonly fires: ((() => void) | null)[] = [null, null, null, null, null, null, null, null];
  /** Ticks since boot. */
  ticks = 0;
  /** When the next one is, in ns: a division less at every context switch. */
  private next_ns: number;

  constructor(hz: number) {
    this.hz = hz;
    this.tick_ns = Math.floor(NSEC_PER_SEC / hz);
    this.next_ns = this.tick_ns;
    this.initial_jiffies = (-300 * hz) >>> 0;
    set_jiffies(this.initial_jiffies);
  }

  /** jiffies at a time in ticks since boot, as the 32-bit counter shows it. */
  jiffies_at(ticks: number): number {
    return (this.initial_jiffies + ticks) % 0x1_0000_0000;
  }

  /** Time has passed: jiffies catches up. */
  update(now: number): void {
    if (now < this.next_ns) return;
    const ticks = Math.floor(now / this.tick_ns);
    this.ticks = ticks;
    this.next_ns = (ticks + 1) * this.tick_ns;
    set_jiffies(this.jiffies_at(ticks));
  }

  /** The CPU has something to run. */
  start_tick(cpu: Cpu): void {
    // An idle CPU has not counted.
    const now = arch.now();
    this.update(now);
    // A CPU may be behind the one that counted.
    this.program(cpu, now >= this.next_ns - this.tick_ns ? this.next_ns : (Math.floor(now / this.tick_ns) + 1) * this.tick_ns);
  }

  /** The CPU is idle: only its next timer wakes it. */
  stop_tick(cpu: Cpu): void {
    const ticks = kernel.timers.next_expiry(cpu.id);
    if (ticks === Infinity) this.cancel(cpu);
    else {
      const due = ticks * this.tick_ns;
      const now = cpu_clock(cpu);
      // One that is overdue waits for whoever serves TIMER_SOFTIRQ now: the CPU keeps its tick, as tick_nohz_next_event() has it.
      this.program(cpu, due >= now ? due : (Math.floor(now / this.tick_ns) + 1) * this.tick_ns);
    }
  }

  private program(cpu: Cpu, time: number): void {
    const armed = this.events[cpu.id];
    if (armed !== null && armed !== undefined && armed.slot >= 0) {
      if (armed.time === time) return;
      arch.cancel_event(armed);
    }
    this.events[cpu.id] = arch.schedule_event(time, (this.fires[cpu.id] ??= () => {
      this.fire(cpu);
    }));
  }

  private fire(cpu: Cpu): void {
    cpu.irq_pending |= IRQ_TICK;
    arch.notify(cpu);
    // It may be long before the CPU takes it: the next one is due all the same.
    if (kernel.sched.is_busy(cpu)) {
      kernel.watchdog.check(cpu);
      this.program(cpu, this.events[cpu.id]!.time + this.tick_ns);
    }
  }

  private cancel(cpu: Cpu): void {
    const armed = this.events[cpu.id];
    if (armed !== null && armed !== undefined) arch.cancel_event(armed);
    this.events[cpu.id] = null;
  }

  /** The tick's interrupt. Context: hard interrupt. */
  tick(cpu: Cpu): void {
    this.update(cpu_clock(cpu));
    kernel.watchdog.touch_tick(cpu);
    kernel.timers.run_local_timers(cpu);
    kernel.sched.scheduler_tick(cpu);
  }
}
