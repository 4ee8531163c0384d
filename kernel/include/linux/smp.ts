/** Follows include/linux/smp.h and cpumask.h. */
export {
  cpu_online, get_cpu, nr_cpu_ids, num_online_cpus, on_each_cpu, put_cpu, raw_smp_processor_id, smp_call_function, smp_call_function_single,
  smp_processor_id,
} from '../../sched/smp.js';
export type { smp_call_func_t } from '../../sched/smp.js';
