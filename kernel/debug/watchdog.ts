/**
 * Lockup detection. Follows kernel/watchdog.c and watchdog_hld.c: a CPU that takes no interrupt is a hard lockup,
 * one that runs the same task for long without giving way a soft one.
 */
import { arch } from '../arch/arch.js';
import { type Cpu, cpu_clock, this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { debug_show_held_locks, print_stack, report } from './report.js';

/** Seconds of virtual time without a tick taken, as watchdog_thresh. A soft lockup takes twice as long. */
const WATCHDOG_THRESH_S = 10;
const NSEC_PER_SEC = 1_000_000_000;

export class Watchdog {
  private readonly last_tick: number[] = [];
  private readonly last_switch: number[] = [];
  private readonly switches: number[] = [];

  /** The CPU has taken a tick. Context: hard interrupt. */
  touch_tick(cpu: Cpu): void {
    const now = cpu_clock(cpu);
    this.last_tick[cpu.id] = now;
    const { switches } = kernel.sched;
    // The softlockup thread needs no more than a turn: a task that can be preempted lets it have one.
    const held = cpu.preempt_count >>> 16 !== 1 || (cpu.preempt_count & 0xffff) !== 0;
    if (this.switches[cpu.id] !== switches || !held || cpu.current === cpu.idle) {
      this.switches[cpu.id] = switches;
      this.last_switch[cpu.id] = now;
      return;
    }
    const stuck = now - (this.last_switch[cpu.id] ?? now);
    if (stuck < 2 * WATCHDOG_THRESH_S * NSEC_PER_SEC) return;
    this.last_switch[cpu.id] = now;
    const { comm, pid } = cpu.current;
    report('lockup', `watchdog: BUG: soft lockup - CPU#${cpu.id} stuck for ${Math.floor(stuck / NSEC_PER_SEC)}s! [${comm}:${pid}]`, (print) => {
      debug_show_held_locks(print, cpu.current);
    });
  }

  /** A tick was due, seen from outside the CPU as an NMI would. */
  check(cpu: Cpu): void {
    const now = arch.now();
    const last = (this.last_tick[cpu.id] ??= now);
    if (cpu.irqs_off === 0) {
      if (cpu !== this_cpu) this.last_tick[cpu.id] = now;
      return;
    }
    if (now - last < WATCHDOG_THRESH_S * NSEC_PER_SEC) return;
    this.last_tick[cpu.id] = now;
    report('lockup', `NMI watchdog: Watchdog detected hard LOCKUP on cpu ${cpu.id}`, (print) => {
      debug_show_held_locks(print, cpu.current);
      if (cpu === this_cpu) return;
      print(`CPU: ${cpu.id} PID: ${cpu.current.pid} Comm: ${cpu.current.comm}`);
      print('Call Trace:');
      print_stack(print, cpu.current.frame, cpu.current.site);
    }, cpu === this_cpu ? undefined : cpu.current);
  }
}
