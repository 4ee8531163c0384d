/** Interrupt lines and who handles them. Follows include/linux/irqdesc.h and kernel/irq/irqdesc.c. */
import type { task_struct } from '../arch/task.js';
import type { irqreturn_t } from '../include/linux/irqreturn.js';

export type irq_handler_t = (irq: number, dev_id: unknown) => irqreturn_t;

/** One handler of a line. Follows struct irqaction. */
export class irqaction {
  readonly irq: number;
  readonly handler: irq_handler_t;
  readonly thread_fn: irq_handler_t | null;
  readonly flags: number;
  readonly name: string;
  readonly dev_id: unknown;
  /** Name of the module whose code asked for the line; empty for the host's. */
  readonly owner: string;
  thread: task_struct | null = null;
  /** The hard handler wants its thread to run. */
  thread_pending = false;
  /** The thread is inside its function. */
  thread_active = false;
  should_stop = false;

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

export class irq_desc {
  readonly irq: number;
  actions: irqaction[] = [];
  /** How often disable_irq() was called without an enable_irq(). A line without a handler counts as disabled once. */
  depth = 1;
  /** The line works by level and stays masked while its handlers run. */
  level = false;
  in_progress = false;
  /** An edge came in while the handlers ran, or while the line was disabled. */
  pending = false;
  /** Masked until the threads of a one-shot line are done. */
  oneshot_masked = false;
  /** One bit a CPU that may serve the line. */
  affinity: number;
  threads_active = 0;
  /** Deliveries, by CPU. */
  readonly kstat_irqs = new Int32Array(8);
  irqs_unhandled = 0;
  irq_count = 0;
  spurious_disabled = false;
  /** Tasks in synchronize_irq(). */
  readonly wait_for_threads: task_struct[] = [];

  constructor(irq: number, affinity: number) {
    this.irq = irq;
    this.affinity = affinity;
  }

  get masked(): boolean {
    return this.depth > 0 || this.oneshot_masked;
  }
}
