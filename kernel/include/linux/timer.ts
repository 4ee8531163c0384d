/** Timers. Follows include/linux/timer.h. */
import { container_of, type Fields, type StructType } from '../../lib/struct.js';
import type { Ptr, Struct } from '../../mm/pointer.js';
import type { timer_ptr } from '../../time/timer_list.js';

export {
  add_timer, add_timer_on, DEFINE_TIMER, del_timer, del_timer_sync, mod_timer, mod_timer_pending, timer_pending, timer_reduce,
  timer_setup, try_to_del_timer_sync,
} from '../../time/timer_api.js';
export { TIMER_DEFERRABLE, TIMER_IRQSAFE, timer_list, TIMER_PINNED } from '../../time/timer_list.js';
export type { timer_fn, timer_ptr } from '../../time/timer_list.js';

/** The struct of this type that a callback's timer is a field of. Context: any. */
export function from_timer<Name extends string, F extends Fields>(
  type: StructType<Name, F>,
  timer: timer_ptr,
  field: keyof F & string,
): Ptr<Struct<Name>> {
  return container_of(timer as never, type, field);
}
