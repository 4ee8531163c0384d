/** Wait queues. Follows include/linux/wait.h. */
export {
  add_wait_queue,
  add_wait_queue_exclusive,
  DECLARE_WAIT_QUEUE_HEAD,
  DECLARE_WAITQUEUE,
  DEFINE_WAIT,
  finish_wait,
  init_waitqueue_head,
  prepare_to_wait,
  prepare_to_wait_exclusive,
  remove_wait_queue,
  wait_queue_entry,
  wait_queue_head_t,
  waitqueue_active,
  wake_up,
  wake_up_all,
  wake_up_interruptible,
  wake_up_interruptible_all,
  wake_up_interruptible_nr,
  wake_up_nr,
} from '../../sched/wait.js';
/** The waker is about to sleep itself, which the scheduler here sees in any case. */
export { wake_up_interruptible as wake_up_interruptible_sync } from '../../sched/wait.js';
export {
  wait_event,
  wait_event_interruptible,
  wait_event_interruptible_exclusive,
  wait_event_interruptible_lock_irq,
  wait_event_interruptible_timeout,
  wait_event_lock_irq,
  wait_event_timeout,
} from '../../sched/wait_event.js';
export type { Condition } from '../../sched/wait_event.js';
