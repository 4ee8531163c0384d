/** Calls of what modules export, in process context: a driver's system calls. */
import { kernel } from '../../kernel/current.js';
import { report } from '../../kernel/debug/report.js';
import { report_locks_at_exit } from '../../kernel/debug/sys_exit.js';
import { copy_bytes } from '../../kernel/include/linux/string.js';
import { __GFP_NOFAIL, GFP_KERNEL } from '../../kernel/include/linux/gfp.js';
import { kfree, kmalloc } from '../../kernel/include/linux/slab.js';
import { call_module } from '../../kernel/module/call.js';
import { complete, DECLARE_COMPLETION, wait_for_completion } from '../../kernel/sched/completion.js';
import { kthread_run } from '../../kernel/sched/kthread.js';
import { shown } from '../../kernel/lib/shown.js';
import { MachineError } from '../machine/errors.js';
import type { Machine } from '../machine/machine.js';

type Exported = (...args: unknown[]) => unknown;

function exported(machine: Machine, name: string): Exported {
  const value = machine.kernel.modules.find_symbol(name)?.value;
  if (typeof value === 'function') return value as Exported;
  throw new MachineError(value === undefined ? `callExport(): no module that is loaded exports '${name}'` : `callExport(): '${name}' is no function, but ${shown(value)}`);
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
  const result = call_module(fn, given, (_fn, now, then) => {
    // As a system call ends, and where that says nothing as an initcall does.
    if (now.locks > then.locks) report_locks_at_exit();
    else if (now.preempt_count !== then.preempt_count) report('context-imbalance', `${name} returned with preemption imbalance`);
    else report('context-imbalance', `${name} returned with disabled interrupts`);
  });
  for (const buffer of buffers) kfree(buffer);
  return result;
}

/**
 * Calls a function that a module exports, in process context, and returns what it returns. A Uint8Array becomes a
 * buffer in kernel memory that is freed when the call has returned.
 */
export function callExport(machine: Machine, name: string, ...args: unknown[]): unknown {
  const fn = exported(machine, name);
  return machine.run(() => invoke(name, fn, args), name);
}

/** The same for several calls at once, each in a task of its own. Returns when all have returned. */
export function callTogether(machine: Machine, ...calls: readonly (readonly [name: string, ...args: unknown[]])[]): unknown[] {
  const fns = calls.map(([name]) => exported(machine, name));
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

/** What loaded modules export, by name. */
export function symbolsOf(modules: readonly string[]): Map<string, unknown> {
  return new Map(modules.flatMap((name) => [...(kernel.modules.find_module(name)?.exports ?? [])]));
}

/** The functions that loaded modules of these names export, by name, with how many parameters each has. */
export function exportsOf(modules: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of modules) {
    for (const [symbol, value] of kernel.modules.find_module(name)?.exports ?? []) if (typeof value === 'function') found.set(symbol, value.length);
  }
  return found;
}
