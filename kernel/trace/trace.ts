/**
 * The event log. Follows kernel/trace/trace_output.c for the look of a line:
 *
 *     insmod-38      [000] d.h1.     0.000123: irq_handler_entry: irq=4 name=serial
 *
 * The letters: interrupts off, need-resched, hard or soft interrupt, preemption depth.
 */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import { HARDIRQ_MASK, PREEMPT_MASK, SOFTIRQ_OFFSET } from '../include/linux/preempt.js';

/** Events kept; the oldest give way. */
const EVENTS_MAX = 1 << 20;

export class Trace {
  private lines: string[] = [];

  /** Logs an event of the running CPU: its name and what it is about. */
  event(name: string, about: string): void {
    const cpu = this_cpu;
    const { comm, pid } = cpu.current;
    const us = Math.floor(arch.now() / 1000);
    const count = cpu.preempt_count;
    const flags =
      (cpu.irqs_off !== 0 ? 'd' : '.') +
      (cpu.need_resched !== 0 ? 'N' : '.') +
      ((count & HARDIRQ_MASK) !== 0 ? 'h' : (count & SOFTIRQ_OFFSET) !== 0 ? 's' : '.') +
      ((count & PREEMPT_MASK) !== 0 ? String(count & PREEMPT_MASK) : '.');
    const seconds = `${Math.floor(us / 1_000_000)}.${String(us % 1_000_000).padStart(6, '0')}`;
    this.lines.push(`${`${comm}-${pid}`.padStart(20)} [${String(Math.max(0, cpu.id)).padStart(3, '0')}] ${flags} ${seconds.padStart(12)}: ${name}: ${about}`);
    if (this.lines.length > EVENTS_MAX * 2) this.lines = this.lines.slice(-EVENTS_MAX);
  }

  text(): string {
    return this.lines.join('\n');
  }
}
