/** CPUs by number, and calls from one to another. Follows kernel/smp.c and lib/smp_processor_id.c. */
import { arch } from '../arch/arch.js';
import { type Cpu, this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { PF_KTHREAD } from '../arch/task.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { ENXIO } from '../include/linux/errno.js';
import { raw_local_irq_enable, raw_local_irq_save } from '../include/linux/irqflags.js';
import { __preempt_count_dec, __preempt_count_inc, in_task } from '../include/linux/preempt.js';
import { call_module } from '../module/call.js';
import { note_callback } from '../module/owner.js';

export type smp_call_func_t<T> = (info: T) => void;

/** Number of the running CPU, without a check. Context: any. */
export function raw_smp_processor_id(): number {
  return this_cpu.id;
}

/** Number of the running CPU. The task must not be able to move meanwhile. Context: any where it cannot. */
export function smp_processor_id(): number {
  point();
  const cpu = this_cpu;
  if (cpu.preempt_count === 0 && cpu.irqs_off === 0) check_preemption_disabled(cpu, 'smp_processor_id');
  return cpu.id;
}

/** Follows lib/smp_processor_id.c; a thread that is tied to one CPU cannot move either. */
export function check_preemption_disabled(cpu: Cpu, what: string): void {
  const task = cpu.current;
  if (task === cpu.idle) return;
  if ((task.flags & PF_KTHREAD) !== 0 && task.cpus_mask === 1 << cpu.id) return;
  report('smp-processor-id', `BUG: using ${what}() in preemptible [00000000] code: ${task.comm}/${task.pid}`);
}

/** Disables preemption and returns the CPU's number. Context: any. */
export function get_cpu(): number {
  point();
  __preempt_count_inc();
  return this_cpu.id;
}

/** Undoes get_cpu(). Context: any. */
export function put_cpu(): void {
  point();
  __preempt_count_dec();
}

export function num_online_cpus(): number {
  return arch.cpus.length;
}

/** CPUs that the machine has: their numbers are below. */
export function nr_cpu_ids(): number {
  return arch.cpus.length;
}

export function cpu_online(cpu: number): boolean {
  return cpu >= 0 && cpu < arch.cpus.length;
}

/** Calls a function in a hard interrupt of another CPU, or here with interrupts disabled. Returns what tells whether it has ended. */
function call_on<T>(cpu: Cpu, func: smp_call_func_t<T>, info: T): () => boolean {
  let done = false;
  const caller = this_cpu;
  const call = (): void => {
    call_module(func, [info], (fn) => {
      report('context-imbalance', `WARNING: function ${fn} called by an interprocessor interrupt returned with another context than it was called with`);
    });
    done = true;
    if (caller !== this_cpu) arch.notify(caller);
  };
  if (cpu === this_cpu) {
    const flags = raw_local_irq_save();
    call();
    if (flags !== 0) raw_local_irq_enable();
  } else kernel.irq.send_call_function(cpu, call);
  return () => done;
}

function check_context(fn: string, where: string): void {
  if (this_cpu.irqs_off === 0 && in_task() !== 0) return;
  // Two CPUs that call each other so would wait for ever.
  report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at kernel/smp.c:${where} ${fn}`);
}

/**
 * Runs `func(info)` in a hard interrupt of one CPU, and with `wait` waits for its end. Returns 0, or -ENXIO where
 * there is no such CPU. Context: process with interrupts enabled; it does not sleep.
 */
export function smp_call_function_single<T>(cpu: number, func: smp_call_func_t<T>, info: T, wait: number | boolean): number {
  point();
  note_callback(func);
  const target = arch.cpus[cpu];
  if (target === undefined) return -ENXIO;
  __preempt_count_inc();
  if (target !== this_cpu) check_context('smp_call_function_single', '634');
  const ended = call_on(target, func, info);
  if (Boolean(wait) && !ended()) arch.spin_until(this_cpu, 0, () => !ended());
  __preempt_count_dec();
  return 0;
}

/** Runs `func(info)` in a hard interrupt of every other CPU at once. Context: as smp_call_function_single(). */
export function smp_call_function<T>(func: smp_call_func_t<T>, info: T, wait: number | boolean): void {
  point();
  call_many(func, info, wait, false);
}

/** As smp_call_function(), and here too, with interrupts disabled. Context: as smp_call_function_single(). */
export function on_each_cpu<T>(func: smp_call_func_t<T>, info: T, wait: number | boolean): void {
  point();
  call_many(func, info, wait, true);
}

function call_many<T>(func: smp_call_func_t<T>, info: T, wait: number | boolean, here: boolean): void {
  note_callback(func);
  __preempt_count_inc();
  if (arch.cpus.length > 1) check_context('smp_call_function_many_cond', '884');
  const ended = arch.cpus.filter((cpu) => cpu !== this_cpu).map((cpu) => call_on(cpu, func, info));
  if (here) call_on(this_cpu, func, info);
  const waits = (): boolean => ended.some((has_ended) => !has_ended());
  if (Boolean(wait) && waits()) arch.spin_until(this_cpu, 0, waits);
  __preempt_count_dec();
}
