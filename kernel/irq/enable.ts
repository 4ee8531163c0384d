/** Disabling, enabling and waiting for a line. Follows kernel/irq/manage.c. */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { might_sleep_at } from '../sched/might_sleep.js';
import { irq_startup, mask_irq } from './chip.js';
import { IRQ_DISABLE_UNLAZY } from './flags.js';
import { deliver_pending } from './handle.js';
import type { irq_desc } from './irqdesc.js';
import { wait_for_threads } from './thread.js';

/**
 * Busy-waits until no handler of the line runs. A handler of the line that runs on this very CPU, under the code
 * that waits, can never end: Linux spins there for good, and here it is reported at once.
 */
export function __synchronize_hardirq(desc: irq_desc): void {
  if (!desc.in_progress) return;
  if (desc.in_progress_cpu === this_cpu.id) {
    report('lockup', `NMI watchdog: Watchdog detected hard LOCKUP on cpu ${this_cpu.id}`, (print) => {
      print(`irq ${desc.irq}: its own handler waits for it to finish (disable_irq_nosync() does not wait)`);
    });
    // Where that is only a warning the wait is left out.
    return;
  }
  arch.spin_until(this_cpu, 0, () => desc.in_progress);
}

function __disable_irq_nosync(irq: number): irq_desc | null {
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc === null) return null;
  // Lazily: most lines are enabled again before anything comes in, and the controller is slow.
  if (desc.depth++ === 0 && (desc.status & IRQ_DISABLE_UNLAZY) !== 0) mask_irq(desc);
  return desc;
}

/** Disables a line, whose running handlers may still be at work when it returns. Nests. Context: any. */
export function disable_irq_nosync(irq: number): void {
  point();
  __disable_irq_nosync(irq);
}

/** Disables a line and waits for its handlers and their threads. Nests. Context: process, may sleep. */
export function disable_irq(irq: number): void {
  point();
  const desc = __disable_irq_nosync(irq);
  if (desc !== null) __synchronize_irq(desc);
}

/**
 * Disables a line and waits for its hard handlers, not for their threads. Nests. Returns false where a thread is
 * still at work. Context: any but the line's own handler.
 */
export function disable_hardirq(irq: number): boolean {
  point();
  const desc = __disable_irq_nosync(irq);
  if (desc === null) return false;
  __synchronize_hardirq(desc);
  return desc.threads_active === 0;
}

/** Undoes one disable_irq(). An edge that came in meanwhile is delivered when the line is on again. Context: any. */
export function enable_irq(irq: number): void {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc === null) return;
  if (desc.depth === 0) {
    report('irq', `Unbalanced enable for IRQ ${irq}`);
    return;
  }
  if (desc.depth > 1) {
    desc.depth--;
    return;
  }
  irq_startup(desc);
  deliver_pending();
}

function __synchronize_irq(desc: irq_desc): void {
  __synchronize_hardirq(desc);
  might_sleep_at('kernel/irq/manage.c:137');
  wait_for_threads(desc);
}

/** Waits until the line's handlers and threads, if they run, are done. Context: process, may sleep. */
export function synchronize_irq(irq: number): void {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc !== null) __synchronize_irq(desc);
}

/** Waits for the hard handlers only. Returns false where a thread is still at work. Context: any but the line's own handler. */
export function synchronize_hardirq(irq: number): boolean {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc === null) return true;
  __synchronize_hardirq(desc);
  return desc.threads_active === 0;
}
