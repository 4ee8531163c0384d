/**
 * The code of a module that was unloaded. In Linux its pages are no longer mapped: whoever returns into it, or is
 * called in it, faults at the first instruction. Linux: kernel/module/main.c, free_module().
 */
import { arch } from '../arch/arch.js';
import { FRAME_NONE, pc, SITE, unwind } from '../arch/callstack.js';
import { host_cpu, kick, OutsideMachineError, this_cpu } from '../arch/cpu.js';
import { SITE_NONE, site_of } from '../arch/site.js';
import type { task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { instruction_fetch_fault } from '../debug/fault.js';
import { format_site } from '../debug/report.js';
import type { AnyFunction } from '../mm/function_table.js';
import { mm } from '../mm/mm.js';

/** A module goes: marks the tasks whose stacks lead back into it. Context: process. */
export function mark_tasks_in(name: string): void {
  for (const task of kernel.sched.tasks.values()) mark_task(task, name);
  for (const { idle } of arch.cpus) mark_task(idle, name);
}

function mark_task(task: task_struct, name: string): void {
  const { frame, site } = task;
  if (task === this_cpu.current || (frame === FRAME_NONE && site === SITE_NONE)) return;
  if (!unwind(frame, site).some((place) => site_of(place).module === name)) return;
  task.check_return = () => {
    check_return(task, name);
  };
  // The next place of the module that it names is one that it has returned to.
  task.site = SITE_NONE;
  const cpu = arch.cpus[task.cpu]!;
  if (cpu.current === task) kick(cpu);
}

/** A task that was marked is at a preemption point. Context: any. */
function check_return(task: task_struct, name: string): void {
  if (site_of(pc[SITE]!).module !== name) return;
  task.check_return = null;
  fetch_gone(task.kthread?.threadfn ?? task.fn);
}

/** A function is about to be called, and some module has gone. Context: any. */
export function check_fetch(fn: AnyFunction): void {
  if (is_gone(fn)) fetch_gone(fn);
}

/** Whether the function's module has been unloaded. */
export function is_gone(fn: AnyFunction): boolean {
  return kernel.modules.module_of(fn)?.gone === true;
}

/** A function of a module that has gone is called by the kernel, or returned into. Context: any; never returns. */
export function fetch_gone(fn: AnyFunction): never {
  const place = kernel.modules.handed_over(fn);
  const by = place === null ? SITE_NONE : (unwind(place.frame, place.site).find((number) => site_of(number).file !== '') ?? SITE_NONE);
  instruction_fetch_fault(mm.functions.address_of(fn), `${kernel.symbol_of(fn)} is no longer there, its module has been unloaded${by === SITE_NONE ? '' : `; registered by ${format_site(by)}`}`);
}

/**
 * What is called in place of enter() once a module has gone: whoever has kept a function of it calls it directly. Nobody
 * asked for the function's address, so that the fault's stands for all of them. Context: any; never returns.
 */
export function enter_gone(site: number): never {
  if (this_cpu === host_cpu) throw new OutsideMachineError();
  instruction_fetch_fault(mm.functions.address_of(enter_gone), `${format_site(site)} is no longer there, its module has been unloaded`);
}
