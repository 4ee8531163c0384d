/**
 * Grace periods and callbacks. Follows kernel/rcu/tree.c and tree_plugin.h (PREEMPT_RCU).
 *
 * A grace period lasts until every reader that was inside when it began has left: tasks between rcu_read_lock() and
 * rcu_read_unlock(), and CPUs whose code could not be preempted. It is looked at once a tick.
 */
import { arch } from '../arch/arch.js';
import { type Cpu, CPU_IDLE, this_cpu } from '../arch/cpu.js';
import { TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { debug_show_held_locks, print_call_trace, print_stack, report, type Print } from '../debug/report.js';
import { RCU_SOFTIRQ } from '../irq/softirq_vectors.js';
import { lock_state } from '../locking/lock_state.js';
import type { RcuState } from './rcu_state.js';

/** As CONFIG_RCU_CPU_STALL_TIMEOUT, in ns. */
const STALL_NS = 21_000_000_000;

function rcu_state(): RcuState {
  return lock_state().rcu;
}

/** Asks for `invoke` to be called on this CPU, in softirq context, after a grace period. Context: any. */
export function enqueue_callback(invoke: () => void, cpu: number = this_cpu.id): void {
  const state = rcu_state();
  if (!state.opened) {
    state.opened = true;
    kernel.softirq.open_softirq(RCU_SOFTIRQ, rcu_core);
  }
  state.waiting.push({ cpu, invoke });
  if (state.running === null) begin(state);
}

/** Whether callbacks wait to be called. */
export function rcu_has_callbacks(): boolean {
  const { waiting, running, ready } = rcu_state();
  return waiting.length > 0 || running !== null || ready.some((callbacks) => callbacks.length > 0);
}

/** A CPU whose code is in the middle of nothing that a grace period has to wait for. */
function quiescent(cpu: Cpu): boolean {
  return cpu.state === CPU_IDLE || (cpu.preempt_count === 0 && cpu.irqs_off === 0);
}

function inside(task: task_struct): boolean {
  return task.rcu_read_lock_nesting > 0;
}

function begin(state: RcuState): void {
  state.running = state.waiting;
  state.waiting = [];
  state.readers = [...kernel.sched.tasks.values(), ...arch.cpus.map((cpu) => cpu.idle)].filter(inside);
  state.cpus = 0;
  for (const cpu of arch.cpus) if (!quiescent(cpu)) state.cpus |= 1 << cpu.id;
  state.began = arch.now();
  state.stall_at = state.began + STALL_NS;
  state.gp_seq++;
  look_again(state);
}

function look_again(state: RcuState): void {
  arch.schedule_event(arch.now() + kernel.time.tick_ns, () => {
    check(state);
  });
}

/** Follows rcu_gp_fqs(). */
function check(state: RcuState): void {
  for (const cpu of arch.cpus) if (quiescent(cpu)) state.cpus &= ~(1 << cpu.id);
  state.readers = state.readers.filter(inside);
  if (state.cpus === 0 && state.readers.length === 0) {
    end(state);
    return;
  }
  if (arch.now() >= state.stall_at) report_stall(state);
  look_again(state);
}

function end(state: RcuState): void {
  let cpus = 0;
  for (const callback of state.running!) {
    (state.ready[callback.cpu] ??= []).push(callback);
    cpus |= 1 << callback.cpu;
  }
  state.running = null;
  for (const cpu of arch.cpus) {
    if ((cpus & (1 << cpu.id)) === 0) continue;
    kernel.irq.send_call_function(cpu, () => {
      kernel.softirq.raise_softirq(RCU_SOFTIRQ);
    });
  }
  if (state.waiting.length > 0) begin(state);
}

/**
 * Follows check_cpu_stall() of tree_stall.h: a CPU that holds the grace period up and still takes its tick reports
 * itself, print_cpu_stall(); any other is reported from outside, print_other_cpu_stall().
 */
function report_stall(state: RcuState): void {
  const { cpus, readers } = state;
  state.stall_at = arch.now() + 3 * STALL_NS;
  const self = arch.cpus.find((cpu) => (cpus & (1 << cpu.id)) !== 0 && cpu.irqs_off === 0);
  const t = Math.floor((arch.now() - state.began) / kernel.time.tick_ns);
  const numbers = `g=${state.gp_seq} q=${state.running!.length + state.waiting.length}`;
  report('lockup', self === undefined ? 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:' : 'rcu: INFO: rcu_preempt self-detected stall on CPU', (print) => {
    for (const cpu of arch.cpus) if ((cpus & (1 << cpu.id)) !== 0) print(`rcu: \t${cpu.id}-...: ${cpu.current.comm}/${cpu.current.pid}`);
    for (const task of readers) print(`rcu: \tTasks blocked on level-0 rcu_node: P${task.pid} (${task.comm})`);
    print(self === undefined ? `\t(detected by ${this_cpu.id}, t=${t} jiffies, ${numbers})` : `\t(t=${t} jiffies ${numbers})`);
    for (const cpu of arch.cpus) if ((cpus & (1 << cpu.id)) !== 0) print_blocker(print, cpu.current);
    for (const task of readers) print_blocker(print, task);
  });
}

function print_blocker(print: Print, task: task_struct): void {
  print(`task:${task.comm} pid:${task.pid}`);
  print('Call Trace:');
  if (task === this_cpu.current) print_call_trace(print);
  else print_stack(print, task.frame, task.site);
  debug_show_held_locks(print, task);
}

/** The softirq: calls what is ready on this CPU. Follows rcu_do_batch(). */
function rcu_core(): void {
  const ready = rcu_state().ready[this_cpu.id] ?? [];
  for (const callback of ready.splice(0)) callback.invoke();
}

/** Sleeps until `n` callbacks have been called; `enqueue` hands them in. Context: process, may sleep. */
export function wait_rcu_gp(n: number, what: string, enqueue: (done: () => void) => void): void {
  const task = this_cpu.current;
  let left = n;
  enqueue(() => {
    if (--left === 0) kernel.sched.try_to_wake_up(task, TASK_NORMAL);
  });
  task.waiting_for = what;
  while (left > 0) {
    task.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
  }
  task.__state = TASK_RUNNING;
  task.waiting_for = '';
}
