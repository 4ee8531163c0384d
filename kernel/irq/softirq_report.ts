/** A softirq that leaves preemption otherwise than it found it. Follows kernel/softirq.c, the check in __do_softirq(). */
import { report, type Print } from '../debug/report.js';

/** By vector, as /proc/softirqs names them. */
export const softirq_to_name = ['HI', 'TIMER', 'NET_TX', 'NET_RX', 'BLOCK', 'IRQ_POLL', 'TASKLET', 'SCHED', 'HRTIMER', 'RCU'] as const;

/**
 * `fn` names who is at fault where that is known: Linux prints the address of the vector's handler, and it as %p does
 * while no random numbers are there to hash it with. Context: softirq.
 */
export function report_softirq_imbalance(nr: number, entered: number, left: number, fn: string | null, body?: (print: Print) => void): void {
  const hex = (count: number): string => count.toString(16).padStart(8, '0');
  report('context-imbalance', `softirq: huh, entered softirq ${nr} ${softirq_to_name[nr]!} (____ptrval____) with preempt_count ${hex(entered)}, exited with ${hex(left)}?`, (print) => {
    if (fn !== null) print(`last function: ${fn}`);
    body?.(print);
  });
}
