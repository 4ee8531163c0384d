/** Variables of which each CPU has a copy. Linux: include/linux/percpu.h, percpu-defs.h, cpumask.h. */
export {
  __alloc_percpu,
  alloc_percpu,
  alloc_percpu_gfp,
  DEFINE_PER_CPU,
  for_each_possible_cpu,
  free_percpu,
  get_cpu_var,
  per_cpu_ptr,
  percpu_field,
  put_cpu_var,
  raw_cpu_ptr,
  this_cpu_ptr,
} from '../../mm/percpu/percpu.js';
/** All CPUs that there may be are there. */
export { for_each_possible_cpu as for_each_online_cpu } from '../../mm/percpu/percpu.js';
/** The names for pointers. */
export { get_cpu_var as get_cpu_ptr, put_cpu_var as put_cpu_ptr } from '../../mm/percpu/percpu.js';
export {
  __this_cpu_add,
  __this_cpu_dec,
  __this_cpu_inc,
  __this_cpu_read,
  __this_cpu_sub,
  __this_cpu_write,
  per_cpu,
  raw_cpu_add,
  raw_cpu_read,
  raw_cpu_write,
  this_cpu_add,
  this_cpu_add_return,
  this_cpu_cmpxchg,
  this_cpu_dec,
  this_cpu_dec_return,
  this_cpu_inc,
  this_cpu_inc_return,
  this_cpu_read,
  this_cpu_sub,
  this_cpu_write,
  this_cpu_xchg,
} from '../../mm/percpu/percpu_ops.js';
export type { percpu, percpu_ptr } from '../../mm/percpu/percpu.js';
export type { NumberAt } from '../../mm/percpu/percpu_ops.js';
