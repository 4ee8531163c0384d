/** Calls of what modules export, in process context: a driver's system calls. */
import { report } from '../../kernel/debug/report.js';
import { report_locks_at_exit } from '../../kernel/debug/sys_exit.js';
import { bytes, copy_bytes } from '../../kernel/include/linux/string.js';
import { __GFP_NOFAIL, GFP_KERNEL } from '../../kernel/include/linux/gfp.js';
import { kfree, kmalloc } from '../../kernel/include/linux/slab.js';
import { shown } from '../../kernel/lib/shown.js';
import { call_module } from '../../kernel/module/call.js';
import { complete, DECLARE_COMPLETION, wait_for_completion } from '../../kernel/sched/completion.js';
import { kthread_run } from '../../kernel/sched/kthread.js';
import { near } from '../loader/errors.js';
import { MachineError } from './errors.js';
import type { Machine } from './machine.js';

/** A function of a module's, of which nothing more is known unless its type is given. */
export type Exported = (...args: never[]) => unknown;

/** What a caller gives it: where it takes a pointer, a Uint8Array is a buffer. */
export type Given<A extends readonly unknown[]> = { [I in keyof A]: number extends A[I] ? A[I] : Extract<A[I], number> extends never ? A[I] : A[I] | Uint8Array };

/** One of several calls that are made at once. */
export type NamedCall = readonly [name: string, ...args: unknown[]];

/** Why there is no such function to call; null where there is. */
export function whyNotCalled(machine: Machine, name: string): string | null {
  const all = machine.symbols();
  const value = all.get(name);
  if (typeof value === 'function') return null;
  if (all.has(name)) return `'${name}' cannot be called: a module exports it, but it is no function, it is ${shown(value)}`;
  if (machine.fileExports().has(name)) return `'${name}' is exported to other files of the module, and not by the module: EXPORT_SYMBOL(${name})`;
  const functions = [...all].filter(([, one]) => typeof one === 'function').map(([symbol]) => symbol);
  const [likely] = near(name, functions);
  const there = functions.length === 0 ? 'they export no function: EXPORT_SYMBOL(fn) does' : `they export ${functions.join(', ')}`;
  return `no module that is loaded exports '${name}'${likely === undefined ? `; ${there}` : ` (did you mean ${likely}?)`}`;
}

function exported(machine: Machine, what: string, name: unknown): Exported {
  if (typeof name !== 'string') throw new MachineError(`${what}(): wants the name of a function that a module exports, got ${shown(name)}`);
  const why = whyNotCalled(machine, name);
  if (why !== null) throw new MachineError(`${what}(): ${why}`);
  return machine.symbols().get(name) as Exported;
}

/** Calls `fn` as the kernel calls a module: an exception is an oops, and context and locks must be what they were. */
function invoke(name: string, fn: Exported, args: readonly unknown[]): unknown {
  const buffers = args.map((arg) => (arg instanceof Uint8Array ? kmalloc(Math.max(1, arg.length), GFP_KERNEL | __GFP_NOFAIL) : null));
  const given = args.map((arg, i) => {
    const buffer = buffers[i]!;
    if (buffer === null) return arg;
    copy_bytes(buffer, arg as Uint8Array);
    return buffer;
  });
  const result = call_module(fn as (...args: unknown[]) => unknown, given, (_fn, now, then) => {
    // As a system call ends, and where that says nothing as an initcall does.
    if (now.locks > then.locks) report_locks_at_exit();
    else if (now.preempt_count !== then.preempt_count) report('context-imbalance', `${name} returned with preemption imbalance`);
    else report('context-imbalance', `${name} returned with disabled interrupts`);
  });
  buffers.forEach((buffer, i) => {
    if (buffer !== null) (args[i] as Uint8Array).set(bytes(buffer, (args[i] as Uint8Array).length));
    kfree(buffer);
  });
  return result;
}

/** See Machine.call(). */
export function call(machine: Machine, name: string, args: readonly unknown[]): unknown {
  const fn = exported(machine, 'call', name);
  return machine.run(() => invoke(name, fn, args), name);
}

/** See Machine.callTogether(). */
export function callTogether(machine: Machine, calls: readonly NamedCall[]): unknown[] {
  const fns = calls.map(([name]) => exported(machine, 'callTogether', name));
  return machine.run(() => {
    const done = DECLARE_COMPLETION('together');
    const results: unknown[] = [];
    calls.forEach(([name, ...args], i) => {
      kthread_run(() => {
        results[i] = invoke(name, fns[i]!, args);
        complete(done);
        return 0;
      }, null, '%s', name);
    });
    fns.forEach(() => {
      wait_for_completion(done);
    });
    return results;
  }, 'together');
}
