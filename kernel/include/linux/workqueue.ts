/** Follows include/linux/workqueue.h. */
export {
  cancel_delayed_work, cancel_delayed_work_sync, DECLARE_DELAYED_WORK, delayed_work, delayed_work_pending, flush_delayed_work,
  INIT_DELAYED_WORK, mod_delayed_work, queue_delayed_work, queue_delayed_work_on, schedule_delayed_work, to_delayed_work,
} from '../../workqueue/delayed.js';
export type { delayed_ptr } from '../../workqueue/delayed.js';
export {
  cancel_work, cancel_work_sync, destroy_workqueue, drain_workqueue, flush_scheduled_work, flush_work, flush_workqueue,
} from '../../workqueue/flush.js';
export {
  alloc_ordered_workqueue, alloc_workqueue, create_singlethread_workqueue, create_workqueue, DECLARE_WORK, INIT_WORK, queue_work,
  queue_work_on, schedule_work, schedule_work_on, work_on_cpu, work_pending,
} from '../../workqueue/queue.js';
export { work_struct } from '../../workqueue/work.js';
export type { work_func_t, work_ptr } from '../../workqueue/work.js';
export {
  system_highpri_wq, system_long_wq, system_unbound_wq, system_wq, WORK_CPU_UNBOUND, WQ_CPU_INTENSIVE, WQ_DFL_ACTIVE, WQ_FREEZABLE,
  WQ_HIGHPRI, WQ_MAX_ACTIVE, WQ_MEM_RECLAIM, WQ_SYSFS, WQ_UNBOUND,
} from '../../workqueue/workqueue.js';
export type { workqueue_struct } from '../../workqueue/workqueue.js';
