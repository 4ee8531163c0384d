/** What modules have left behind, by name, kind and line of its registration: the question that a leak check asks. */
import { unwind } from '../../kernel/arch/callstack.js';
import { site_of } from '../../kernel/arch/site.js';
import { TASK_DEAD } from '../../kernel/arch/task.js';
import { format_site, type Place, print_held_locks } from '../../kernel/debug/report.js';
import { dma_entries } from '../../kernel/dma/debug.js';
import { for_each_action } from '../../kernel/irq/manage.js';
import type { Kernel } from '../../kernel/kernel.js';
import { owner_of } from '../../kernel/mm/kasan/record.js';
import { for_each_object } from '../../kernel/mm/slab/object.js';
import type { RegistrationKind } from '../../kernel/module/registrations.js';
import { for_each_active_hrtimer } from '../../kernel/time/hrtimer.js';
import { timer_record } from '../../kernel/time/timer_list.js';
import { func_of } from '../../kernel/workqueue/work.js';

export interface Leftover {
  readonly kind: 'memory' | 'cache' | 'interrupt' | 'timer' | 'hrtimer' | 'work' | 'thread' | 'tasklet' | 'rcu' | 'dma' | 'lock' | 'context' | RegistrationKind;
  /** What it is and where it came from, in a line. */
  readonly text: string;
}

/** A registration in words: what the thing is called, what it is still, and what was done at its line. */
const REGISTERED: Readonly<Record<RegistrationKind, readonly [what: string, still: string, done: string]>> = {
  workqueue: ['work queue', 'exists', 'made'],
  shrinker: ['shrinker', 'registered', 'registered'],
  domain: ['irq domain', 'exists', 'made'],
  disk: ['disk', 'registered', 'added'],
  'dma-pool': ['DMA pool', 'exists', 'made'],
  mempool: ['memory pool', 'exists', 'made'],
  mapping: ['irq', 'mapped', 'mapped'],
  softirq: ['softirq', 'open', 'opened'],
};

export function leftovers(kernel: Kernel): readonly Leftover[] {
  const found: Leftover[] = [];
  const add = (kind: Leftover['kind'], text: string, done: string, place: Place): void => {
    found.push({ kind, text: `${text}, ${done} by ${origin(place)}` });
  };
  memory(kernel, add);
  for_each_action((action) => {
    const by = action.owner === '' ? '' : ` of module ${action.owner}`;
    add('interrupt', `irq ${action.irq} is still requested by '${action.name}'${by}`, 'requested', action);
  });
  timers(kernel, add);
  works(kernel, add);
  for (const task of kernel.sched.tasks.values()) {
    const { kthread } = task;
    if (kthread === null || task.__state === TASK_DEAD || task.killed) continue;
    add('thread', `thread ${task.comm}/${task.pid} still lives: ${kernel.symbol_of(kthread.threadfn)}`, 'made', kthread);
  }
  for (const { type, addr, size, dev, mapped } of dma_entries()) {
    add('dma', `${type === 'coherent' ? 'DMA memory' : 'DMA mapping'} ${hex(addr)} (size ${size}) of ${dev.driver} ${dev.name} still exists`, type === 'coherent' ? 'allocated' : 'mapped', mapped);
  }
  for (const { kind, name, frame, site } of kernel.built_registrations?.left() ?? []) {
    const [what, still, done] = REGISTERED[kind];
    add(kind, `${what} '${name}' ${still === 'exists' ? 'still exists' : `is still ${still}`}`, done, { frame, site });
  }
  for (const task of kernel.sched.tasks.values()) {
    if (task.lockdep_depth === 0) continue;
    print_held_locks((line) => found.push({ kind: 'lock', text: line }), task);
  }
  for (const cpu of kernel.arch.cpus) {
    if (cpu.preempt_count !== 0) found.push({ kind: 'context', text: `CPU ${cpu.id}: preempt_count is ${cpu.preempt_count.toString(16)}` });
  }
  return found;
}

type Add = (kind: Leftover['kind'], text: string, done: string, place: Place) => void;

/** The innermost place that has a line; that of the host's code has none. */
function origin({ frame, site }: Place): string {
  const place = unwind(frame, site).find((number) => site_of(number).file !== '');
  if (place === undefined) return 'host code';
  const owner = owner_of(frame, site);
  return site_of(place).module === '' && owner !== '' ? `${format_site(place)} [${owner}]` : format_site(place);
}

function hex(address: number): string {
  return `0x${(address >>> 0).toString(16)}`;
}

function memory(kernel: Kernel, add: Add): void {
  for_each_object((object) => {
    if (!kernel.kmemleak.is_leak(object.seq)) return;
    const cache = object.cache === 'kmem_cache' ? kernel.mm.caches.find((known) => known?.handle === object.addr) : undefined;
    if (cache !== undefined && cache !== null) add('cache', `slab cache '${cache.name}' still exists`, 'made', object);
    else add('memory', `unreferenced object ${hex(object.addr)} (size ${object.size}, ${object.cache})`, 'allocated', object);
  });
}

/** Delayed works that wait for their timer are told as works. */
function timers(kernel: Kernel, add: Add): void {
  const show = (timer: timer_record, state: string): void => {
    if (timer.hint === null) add('timer', `timer ${hex(timer.address)} ${state}: ${kernel.symbol_of(timer.function)}`, 'armed', timer);
    else add('work', `delayed work ${hex(timer.address)} still waits for its delay: ${kernel.symbol_of(timer.debug_hint())}`, 'queued', timer);
  };
  kernel.timers.for_each_pending((timer) => {
    show(timer, 'is still pending');
  });
  for (const timer of kernel.timers.running()) if (timer instanceof timer_record && timer.slot < 0) show(timer, 'still runs');
  for_each_active_hrtimer((timer) => {
    add('hrtimer', `hrtimer ${hex(timer.address)} ${timer.running ? 'still runs' : 'is still pending'}: ${kernel.symbol_of(timer.debug_hint())}`, 'started', timer);
  });
}

function works(kernel: Kernel, add: Add): void {
  for (const item of kernel.built_workqueues?.pending.values() ?? []) {
    add('work', `work ${hex(item.address)} is still queued: ${kernel.symbol_of(func_of(item.address))}`, 'queued', item);
  }
  for (const { current, current_func } of kernel.built_workqueues?.workers.values() ?? []) {
    if (current !== null && current.own === null) add('work', `work ${hex(current.address)} still runs: ${kernel.symbol_of(current_func)}`, 'queued', current);
  }
  const { built_tasklets: tasklets } = kernel;
  for (const tasklet of tasklets?.scheduled() ?? []) {
    add('tasklet', `tasklet ${hex(tasklet)} is still scheduled: ${kernel.symbol_of(tasklets!.function_of(tasklet))}`, 'set up', tasklets!.origin(tasklet));
  }
  for (const [head, callback] of kernel.built_locks?.rcu.heads ?? []) {
    if (callback.func !== null) add('rcu', `RCU callback of ${hex(head)} still waits for a grace period: ${kernel.symbol_of(callback.func)}`, 'handed over', callback);
  }
}
