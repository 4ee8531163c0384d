/** Completions. Follows include/linux/completion.h. */
export {
  complete,
  complete_all,
  completion,
  completion_done,
  DECLARE_COMPLETION,
  init_completion,
  reinit_completion,
  try_wait_for_completion,
  wait_for_completion,
  wait_for_completion_interruptible,
  wait_for_completion_interruptible_timeout,
  wait_for_completion_timeout,
} from '../../sched/completion.js';
