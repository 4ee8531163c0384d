/**
 * Busy waiting. A CPU that spins is blocked until what it waits for changes; time passes for it only then.
 *
 * Who waits for whom is known, so a wait that can never end is found the moment its circle closes, on one CPU
 * (an interrupt handler that wants the lock of the code it interrupted) as on several.
 */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import { debug_show_held_locks, print_stack, report, type Print } from '../debug/report.js';
import { lock_name } from './lock_name.js';
import { lock_state } from './lock_state.js';

/** One bit a CPU. */
type CpuMask = number;

export interface SpinWait {
  readonly address: number;
  readonly blocked: () => boolean;
  /** CPUs of which each must do something before the wait can end. */
  readonly holders: () => CpuMask;
}

/**
 * Spins until `blocked()` is false. Returns false where that would never be and the rule lets the code go on:
 * the caller then behaves as if it had what it waits for. `what` is the kind of lock, for the report.
 */
export function spin_wait(what: string, address: number, blocked: () => boolean, holders: () => CpuMask, describe: (print: Print) => void): boolean {
  const cpu = this_cpu;
  const { spinning } = lock_state();
  const outer = spinning[cpu.id] ?? null;
  spinning[cpu.id] = { address, blocked, holders };
  const circle = blocked() ? find_circle(cpu.id, holders()) : 0;
  if (circle !== 0) report_lockup(what, circle, describe);
  else arch.spin_until(cpu, address, blocked);
  spinning[cpu.id] = outer;
  return circle === 0;
}

/** The CPUs that wait for each other and in the end for `start`; 0 where there is a way out. */
function find_circle(start: number, mask: CpuMask): CpuMask {
  const { spinning } = lock_state();
  const visit = (waited_for: CpuMask, seen: CpuMask): CpuMask => {
    if ((waited_for & (1 << start)) !== 0) return seen | (1 << start);
    for (const { id } of arch.cpus) {
      const bit = 1 << id;
      if ((waited_for & bit) === 0 || (seen & bit) !== 0) continue;
      const wait = spinning[id];
      if (wait?.blocked() !== true) continue;
      const circle = visit(wait.holders(), seen | bit);
      if (circle !== 0) return circle;
    }
    return 0;
  };
  return visit(mask, 0);
}

/** Follows the __spin_lock_debug() of older kernels, which gave up after a second. */
function report_lockup(what: string, circle: CpuMask, describe: (print: Print) => void): void {
  const { id, current } = this_cpu;
  report('lockup', `BUG: ${what} lockup suspected on CPU#${id}, ${current.comm}/${current.pid}`, (print) => {
    describe(print);
    debug_show_held_locks(print, current);
    for (const cpu of arch.cpus) {
      const wait = lock_state().spinning[cpu.id];
      if (cpu.id === id || (circle & (1 << cpu.id)) === 0 || wait === null || wait === undefined) continue;
      const task = cpu.current;
      print(`CPU: ${cpu.id} PID: ${task.pid} Comm: ${task.comm} spins for ${lock_name(wait.address)}`);
      print('Call Trace:');
      print_stack(print, task.frame, task.site);
      debug_show_held_locks(print, task);
    }
  });
}
