/** Follows include/linux/kthread.h. */
export {
  kthread_bind, kthread_create, kthread_create_on_cpu, kthread_run, kthread_should_stop, kthread_stop,
} from '../../sched/kthread.js';
