/**
 * The timer is deleted only if it is pending; one whose function is running is not, and its memory goes.
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { jiffies } from 'ringzero/linux/jiffies';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { schedule_timeout_uninterruptible } from 'ringzero/linux/sched';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { add_timer_on, del_timer_sync, timer_pending, from_timer, timer_list, type timer_ptr, timer_setup } from 'ringzero/linux/timer';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const session = struct('session', { timer: timer_list, ticks: u32 });
let s: PtrTo<typeof session> | null = null;

function expire(timer: timer_ptr): void {
  const it = session.at(from_timer(session, timer, 'timer'));
  it.ticks++;
}

module_init(() => {
  s = kzalloc(sizeof(session), GFP_KERNEL);
  if (s === null) return -ENOMEM;
  const { timer } = session.at(s);
  timer_setup(timer, expire, 0);
  timer_list.at(timer).expires = jiffies + 1;
  add_timer_on(timer, 1);
  return 0;
});
module_exit(() => {
  if (s === null) return;
  // The device is used for as long as it takes the timer to expire.
  schedule_timeout_uninterruptible(1);
  const { timer } = session.at(s);
  if (fixed.value || timer_pending(timer) !== 0) del_timer_sync(timer);
  kfree(s);
});
MODULE_LICENSE('GPL');
