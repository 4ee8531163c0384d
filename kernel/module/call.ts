/**
 * Calls into a module. Every one comes through here: the code must still be there, context and locks held must be on return what they were at
 * entry, an exception ends in an oops, and a promise is refused, for the kernel has no one to wait for it.
 */
import { type Cpu, this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { debug_show_held_locks, report } from '../debug/report.js';
import { instruction_fetch_fault } from '../debug/fault.js';
import { handle_exception } from '../debug/oops.js';
import { deliver_pending } from '../irq/handle.js';
import type { irq_handler_t } from '../irq/irqdesc.js';
import { HARDIRQ_MASK, PREEMPT_MASK } from '../include/linux/preempt.js';
import { shown } from '../lib/shown.js';
import { lock_state } from '../locking/lock_state.js';
import { check_fetch } from './gone_text.js';

/** What a function of a module has to leave as it was. */
export interface Context {
  readonly preempt_count: number;
  readonly irqs_off: number;
  readonly locks: number;
}

/** Calls a hard interrupt handler. Returns IRQ_NONE for one that went wrong. */
export function call_handler(cpu: Cpu, handler: irq_handler_t, irq: number, dev_id: unknown): number {
  const count = cpu.preempt_count;
  const locks = cpu.current.lockdep_depth;
  let res: unknown;
  if (kernel.modules.some_gone) check_fetch(handler);
  try {
    res = handler(irq, dev_id);
  } catch (error) {
    failed(handler, error);
  }
  if (cpu.preempt_count !== count || cpu.irqs_off === 0 || cpu.current.lockdep_depth !== locks) {
    after_handler(cpu, handler, irq, count, locks);
  }
  return typeof res === 'number' ? res : bad_return(handler, res, -1);
}

function after_handler(cpu: Cpu, handler: irq_handler_t, irq: number, count: number, locks: number): void {
  const name = kernel.symbol_of(handler);
  if (cpu.preempt_count !== count || (cpu.current.lockdep_depth !== locks && lock_state().debug_locks)) {
    report('context-imbalance', `WARNING: irq ${irq} handler ${name} returned with preempt_count ${cpu.preempt_count.toString(16)}, entered with ${count.toString(16)}`, (print) => {
      debug_show_held_locks(print, cpu.current);
    });
    cpu.preempt_count = count;
  }
  if (cpu.irqs_off === 0) {
    // Follows __handle_irq_event_percpu().
    report('context-imbalance', `irq ${irq} handler ${name} enabled interrupts`);
    cpu.irqs_off = 1;
  }
}

/**
 * Calls a function of a module in the context that the caller set up: a timer, a tasklet, a work item, a thread.
 * `complain` is told what is out of balance on return; what it was is put right afterwards.
 */
export function call_module<A extends unknown[], R>(
  fn: (...args: A) => R,
  args: A,
  complain: (fn: string, now: Context, then: Context) => void,
): R | undefined {
  const { preempt_count, irqs_off } = this_cpu;
  const locks = this_cpu.current.lockdep_depth;
  let res: R | undefined;
  if (kernel.modules.some_gone) check_fetch(fn);
  try {
    res = fn(...args);
  } catch (error) {
    failed(fn, error);
  }
  const cpu = this_cpu;
  if (cpu.preempt_count !== preempt_count || cpu.irqs_off !== irqs_off || cpu.current.lockdep_depth !== locks) {
    // Of locks nobody knows, once lockdep has found a fault. Follows include/linux/lockdep.h, lockdep_depth().
    const now = { preempt_count: cpu.preempt_count, irqs_off: cpu.irqs_off, locks: lock_state().debug_locks ? cpu.current.lockdep_depth : locks };
    if (now.preempt_count !== preempt_count || now.irqs_off !== irqs_off || now.locks !== locks) complain(kernel.symbol_of(fn), now, { preempt_count, irqs_off, locks });
    cpu.preempt_count = (cpu.preempt_count & HARDIRQ_MASK) | (preempt_count & ~HARDIRQ_MASK & (PREEMPT_MASK | 0xff00));
    cpu.irqs_off = irqs_off;
    deliver_pending();
  }
  if (typeof res === 'object' && res !== null && 'then' in res) bad_return(fn, res, 0);
  return res;
}

/** A call has come to nothing: what is called may be no function, as where a table of them has none in a place. Never returns. */
function failed(fn: unknown, error: unknown): never {
  if (typeof fn !== 'function') instruction_fetch_fault(typeof fn === 'number' ? fn : 0, fn === null || fn === undefined ? undefined : `${shown(fn)} is called, which is not a function`);
  handle_exception(error);
}

/** Calls the function of a thread, at the bottom of its stack: what it leaves behind its caller sees to. */
export function call_thread<A>(threadfn: (data: A) => unknown, data: A): number {
  if (kernel.modules.some_gone) check_fetch(threadfn);
  const res = threadfn(data);
  return typeof res === 'number' ? res : bad_return(threadfn, res, 0);
}

function bad_return(fn: (...args: never[]) => unknown, res: unknown, otherwise: number): number {
  if (typeof res === 'object' && res !== null && 'then' in res) {
    report('async', `BUG: ${kernel.symbol_of(fn)} returned a promise: kernel code is synchronous; sleep with msleep() or wait_event()`);
  }
  return otherwise;
}
