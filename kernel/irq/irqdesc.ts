/** Interrupt lines and who handles them. Follows include/linux/irqdesc.h and kernel/irq/irqdesc.c. */
import { FRAME, pc, SITE } from '../arch/callstack.js';
import type { task_struct } from '../arch/task.js';
import type { irqreturn_t } from '../include/linux/irqreturn.js';
import type { irq_domain } from './irqdomain.js';

// The method form lets a handler name the type of its own dev_id, as a C handler casts its void pointer.
export type irq_handler_t = { bivarianceHack(irq: number, dev_id: unknown): irqreturn_t }['bivarianceHack'];

/** One handler of a line. Follows struct irqaction. */
export class irqaction {
  readonly irq: number;
  readonly handler: irq_handler_t;
  readonly thread_fn: irq_handler_t | null;
  flags: number;
  readonly name: string;
  readonly dev_id: unknown;
  /** Name of the module whose code asked for the line; empty for the host's. */
  readonly owner: string;
  /** The stack that asked for the line, for unwind(). */
  readonly frame = pc[FRAME]!;
  readonly site = pc[SITE]!;

  thread: task_struct | null = null;
  /** Its bit in the line's threads_oneshot; 0 where the line is not one-shot. */
  thread_mask = 0;
  /** As IRQTF_RUNTHREAD: the thread is to run its function. */
  thread_pending = false;
  /** As IRQTF_WARNED: it has been told that it has no thread to wake. */
  warned = false;
  should_stop = false;
  /** The thread is gone: it was stopped, or an oops killed it. */
  thread_ended = false;
  /** Who waits for the thread's end. */
  stopper: task_struct | null = null;

  constructor(irq: number, handler: irq_handler_t, thread_fn: irq_handler_t | null, flags: number, name: string, dev_id: unknown, owner: string) {
    this.irq = irq;
    this.handler = handler;
    this.thread_fn = thread_fn;
    this.flags = flags;
    this.name = name;
    this.dev_id = dev_id;
    this.owner = owner;
  }
}

/** One for each of NR_CPUS. Not a typed array: those cost ten times as much to make, and every machine has these. */
export function per_cpu_counts(): number[] {
  return [0, 0, 0, 0, 0, 0, 0, 0];
}

export class irq_desc {
  readonly irq: number;
  /** Where a simulated line comes from; null for a line of the machine's own controller. */
  readonly domain: irq_domain | null;
  /** Number of the line in its domain. */
  readonly hwirq: number;
  /** Replaced, never changed, when a handler comes or goes: the chain of an interrupt is the one it began with. */
  actions: readonly irqaction[] = [];
  /** IRQ_NOAUTOEN and its like. */
  status = 0;
  /** How often disable_irq() was called without an enable_irq(). A line that was not started counts as disabled once. */
  depth = 1;
  /** The controller keeps the line away from the CPUs. A line that is disabled is masked only once it is raised. */
  masked = true;
  /** IRQ_TYPE_*; 0 where nobody has said. */
  trigger = 0;
  /** The line works by level and stays masked while its handlers run. */
  level = false;
  in_progress = false;
  /** The CPU that runs the handlers, while in_progress. */
  in_progress_cpu = 0;
  /** An edge came in while the handlers ran, or while the line was disabled. */
  pending = false;

  /** A level line with IRQF_ONESHOT handlers: masked until all the bits below are gone. */
  oneshot = false;
  /** One bit a thread that has not finished yet. */
  threads_oneshot = 0;
  /** Threads that were woken and have not finished. */
  threads_active = 0;
  threads_handled = 0;
  threads_handled_last = 0;
  /** The last interrupt was left for the thread to account for: SPURIOUS_DEFERRED. */
  spurious_deferred = false;

  /** One bit a CPU that may serve the line. */
  affinity: number;
  /** Deliveries, by CPU. */
  readonly kstat_irqs = per_cpu_counts();
  irqs_unhandled = 0;
  /** jiffies of the last interrupt that nobody handled. */
  last_unhandled = 0;
  irq_count = 0;
  spurious_disabled = false;
  /** Bogus return values reported so far. */
  bad_reports = 0;
  /** As request_mutex: free_irq() is at work, and may be asleep; others wait. */
  request_held = false;
  readonly wait_for_request: task_struct[] = [];
  /** Tasks in synchronize_irq(). */
  readonly wait_for_threads: task_struct[] = [];

  constructor(irq: number, affinity: number, domain: irq_domain | null = null, hwirq = irq) {
    this.irq = irq;
    this.affinity = affinity;
    this.domain = domain;
    this.hwirq = hwirq;
  }
}
