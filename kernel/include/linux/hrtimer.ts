/** Follows include/linux/hrtimer.h. */
export {
  CLOCK_MONOTONIC, CLOCK_REALTIME, hrtimer, hrtimer_active, hrtimer_cancel, hrtimer_forward, hrtimer_forward_now, hrtimer_init,
  HRTIMER_MODE_ABS, HRTIMER_MODE_ABS_PINNED, HRTIMER_MODE_PINNED, HRTIMER_MODE_REL, HRTIMER_MODE_REL_PINNED, HRTIMER_NORESTART,
  HRTIMER_RESTART, hrtimer_start, hrtimer_try_to_cancel,
} from '../../time/hrtimer.js';
export type { hrtimer_ptr, hrtimer_restart } from '../../time/hrtimer.js';
