/**
 * Interrupts that nobody wants. Follows kernel/irq/spurious.c, without the polling of lines that it has shut down.
 */
import type { Cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { type Print, debug_show_held_locks, report } from '../debug/report.js';
import { HZ, jiffies, time_after } from '../include/linux/jiffies.js';
import { IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD } from '../include/linux/irqreturn.js';
import { LOGLEVEL_EMERG } from '../printk/levels.js';
import type { irq_desc } from './irqdesc.js';

/** A verdict on a line is given after so many interrupts. */
const IRQS_COUNTED = 100_000;
/** The line is shut down where more of them than this went unhandled. */
const IRQS_UNHANDLED_MAX = 99_900;
/** Reports of bogus return values before they are no news any more. */
const BAD_IRQ_REPORTS_MAX = 100;

/** Keeps the books on a line: `action_ret` is what its handlers returned, or'ed. Context: hard interrupt. */
export function note_interrupt(desc: irq_desc, action_ret: number): void {
  if (action_ret >>> 0 > (IRQ_HANDLED | IRQ_WAKE_THREAD)) {
    report_bad_irq(desc, action_ret);
    return;
  }
  let unhandled = action_ret === IRQ_NONE;
  if (action_ret === IRQ_WAKE_THREAD) {
    // Whether the thread handled it shows at the next interrupt only.
    if (!desc.spurious_deferred) {
      desc.spurious_deferred = true;
      return;
    }
    unhandled = desc.threads_handled === desc.threads_handled_last;
    desc.threads_handled_last = desc.threads_handled;
  } else if (action_ret === (IRQ_HANDLED | IRQ_WAKE_THREAD)) desc.spurious_deferred = false;
  if (unhandled) {
    if (time_after(jiffies, (desc.last_unhandled + HZ / 10) >>> 0) !== 0) desc.irqs_unhandled = 1;
    else desc.irqs_unhandled++;
    desc.last_unhandled = jiffies;
  }
  if (++desc.irq_count < IRQS_COUNTED) return;
  desc.irq_count = 0;
  if (desc.irqs_unhandled > IRQS_UNHANDLED_MAX) {
    report('irq', `irq ${desc.irq}: nobody cared (try booting with the "irqpoll" option)`, (print) => {
      print_handlers(print, desc);
    });
    kernel.printk.emit(LOGLEVEL_EMERG, `Disabling IRQ #${desc.irq}`);
    desc.spurious_disabled = true;
    desc.depth++;
  }
  desc.irqs_unhandled = 0;
}

function report_bad_irq(desc: irq_desc, action_ret: number): void {
  if (desc.bad_reports >= BAD_IRQ_REPORTS_MAX) return;
  desc.bad_reports++;
  report('irq', `irq event ${desc.irq}: bogus return value ${(action_ret >>> 0).toString(16)}`, (print) => {
    print_handlers(print, desc);
  });
}

function print_handlers(print: Print, desc: irq_desc): void {
  print('handlers:');
  for (const action of desc.actions) {
    const threaded = action.thread_fn === null ? '' : ` threaded ${kernel.symbol_of(action.thread_fn)}`;
    print(` ${kernel.symbol_of(action.handler)}${threaded}`);
  }
}

/** Seconds after which the soft lockup detector speaks: twice watchdog_thresh. */
const SOFTLOCKUP_S = 20;

/**
 * A CPU has done nothing but serve interrupts for `ns` of virtual time, and nothing shows that it will ever do anything
 * else: what the soft lockup detector is going to say is said now. Follows kernel/watchdog.c, watchdog_timer_fn().
 * Called between two interrupts.
 */
export function report_storm(cpu: Cpu, ns: number): void {
  const { comm, pid } = cpu.current;
  const served = ns / 1_000_000_000;
  report('lockup', `watchdog: BUG: soft lockup - CPU#${cpu.id} stuck for ${Math.max(SOFTLOCKUP_S, Math.floor(served))}s! [${comm}:${pid}]`, (print) => {
    if (served < SOFTLOCKUP_S) print(`Foreseen after ${served.toFixed(3)}s, in which the CPU has done nothing but serve interrupts.`);
    print('Deliveries by line:');
    for (const desc of kernel.irq.descs) {
      const count = desc?.kstat_irqs[cpu.id] ?? 0;
      if (count > 0) print(`  irq ${desc!.irq}: ${count}  ${desc!.level ? 'level' : 'edge'}  ${desc!.actions.map(({ name, handler }) => `${name} (${kernel.symbol_of(handler)})`).join(', ')}`);
    }
    debug_show_held_locks(print, cpu.current);
  });
}
