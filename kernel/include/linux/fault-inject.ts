/** Fault injection. Linux: include/linux/fault-inject.h. A task's make_it_fail and fail_nth are fields of `current`. */
export { fault_attr, type fault_settings } from '../../lib/fault_inject.js';
