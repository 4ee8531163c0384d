/** Follows include/linux/hardirq.h, which brings the context tests with it. */
export {
  hardirq_count, in_atomic, in_hardirq, in_interrupt, in_irq, in_nmi, in_serving_softirq, in_softirq, in_task, irq_count, softirq_count,
} from './preempt.js';
export { synchronize_hardirq, synchronize_irq } from '../../irq/enable.js';
