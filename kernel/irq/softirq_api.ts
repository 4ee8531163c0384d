/** Softirqs as modules use them. Follows kernel/softirq.c: open_softirq(), raise_softirq(). */
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { debug_show_held_locks, report } from '../debug/report.js';
import { call_module } from '../module/call.js';
import { note_callback } from '../module/owner.js';
import { report_softirq_imbalance, softirq_to_name } from './softirq_report.js';
import { NR_SOFTIRQS } from './softirq_vectors.js';

/** Sets the handler of a softirq vector: HI_SOFTIRQ to RCU_SOFTIRQ. Context: any. */
export function open_softirq(nr: number, action: () => void): void {
  point();
  if (!(nr >= 0 && nr < NR_SOFTIRQS)) {
    report('irq', `open_softirq: there is no softirq ${nr}`);
    return;
  }
  note_callback(action);
  // Linux has no way to take a vector back.
  kernel.registrations.add('softirq', action, `${nr} (${softirq_to_name[nr]})`);
  kernel.softirq.open_softirq(nr, () => {
    call_module(action, [], (fn, now, then) => {
      report_softirq_imbalance(nr, then.preempt_count, now.preempt_count, fn, (print) => {
        if (now.irqs_off !== then.irqs_off) print(`interrupts are left ${now.irqs_off === 0 ? 'enabled' : 'disabled'}`);
        if (now.locks !== then.locks) debug_show_held_locks(print, this_cpu.current);
      });
    });
  });
}

/** Marks a vector for service on this CPU; from process context ksoftirqd sees to it. Context: any. */
export function raise_softirq(nr: number): void {
  point();
  kernel.softirq.raise_softirq(nr);
}

/** As raise_softirq(), for callers that have interrupts disabled. Context: any, interrupts disabled. */
export function raise_softirq_irqoff(nr: number): void {
  point();
  if (this_cpu.irqs_off === 0) report('irq', 'raise_softirq_irqoff() called with interrupts enabled');
  kernel.softirq.raise_softirq(nr);
}

/** Softirqs are not served on this CPU until local_bh_enable(). Nests. Context: any but hard interrupt. */
export function local_bh_disable(): void {
  point();
  const cpu = this_cpu;
  if (cpu.preempt_count === 0) {
    cpu.preempt_off_frame = pc[FRAME]!;
    cpu.preempt_off_site = pc[SITE]!;
  }
  kernel.softirq.local_bh_disable();
}

/**
 * Undoes one local_bh_disable(); softirqs that waited for the last are served before it returns.
 * Context: any with interrupts enabled, but hard interrupt.
 */
export function local_bh_enable(): void {
  point();
  kernel.softirq.local_bh_enable();
}

/** One bit a vector that waits for service on this CPU. Context: any. */
export function local_softirq_pending(): number {
  return this_cpu.softirq_pending;
}
