/** Caches of modules that can be made smaller. Linux: include/linux/shrinker.h, mm/vmscan.c (do_shrink_slab()). */
import { point } from '../../arch/point.js';
import { this_cpu } from '../../arch/cpu.js';
import { TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE, type task_struct } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { report } from '../../debug/report.js';
import { vsprintf } from '../../lib/vsprintf.js';
import { call_module } from '../../module/call.js';
import { note_callback } from '../../module/owner.js';
import { format_env } from '../../printk/format_env.js';
import { might_alloc, might_sleep_at } from '../../sched/might_sleep.js';
import { GFP_KERNEL } from '../gfp_types.js';
import { mm } from '../mm.js';
import { enter_hook, leave_hook } from './reclaim_chain.js';

/** From scan_objects(): nothing can be freed now; it is not to be asked again in this run. ~0UL. */
export const SHRINK_STOP = 0xffffffff;
/** From count_objects(): there is nothing. ~0UL - 1. */
export const SHRINK_EMPTY = 0xfffffffe;
/** Objects a scan_objects() is asked to look at, unless `batch` says otherwise. */
const SHRINK_BATCH = 128;
/** Seeks it takes to make an object again. */
export const DEFAULT_SEEKS = 2;

/** What a run of reclaim wants of a shrinker. Linux: struct shrink_control. */
export interface shrink_control {
  /** Flags of the allocation that needs memory: without __GFP_FS or __GFP_IO a shrinker must keep off those. */
  readonly gfp_mask: number;
  readonly nid: number;
  /** How many objects scan_objects() is to look at. */
  nr_to_scan: number;
  /** How many it did look at, if it says so. */
  nr_scanned: number;
}

/** A cache that can be made smaller. Linux: struct shrinker. */
export interface shrinker {
  /** How many objects could be freed: 0 where it cannot be told, SHRINK_EMPTY where there are none. */
  readonly count_objects: (shrinker: shrinker, sc: shrink_control) => number;
  /** Frees up to sc.nr_to_scan objects. Returns how many, or SHRINK_STOP. Context: process, may sleep. */
  readonly scan_objects: (shrinker: shrinker, sc: shrink_control) => number;
  readonly batch?: number;
  /** DEFAULT_SEEKS unless told; 0: half of the cache goes at a time. */
  readonly seeks?: number;
}

export class RegisteredShrinker {
  readonly shrinker: shrinker;
  readonly name: string;
  /** Work put off to later runs. */
  nr_deferred = 0;
  /** Runs that are inside its functions, and who waits for their end. */
  running = 0;
  waiter: task_struct | null = null;

  constructor(what: shrinker, name: string) {
    this.shrinker = what;
    this.name = name;
  }
}

/** Offers a cache to reclaim; the name is formatted as by printk(). Returns 0. Context: process, may sleep. */
export function register_shrinker(what: shrinker, fmt: string, ...args: unknown[]): number {
  point();
  might_alloc(GFP_KERNEL);
  const { shrinkers } = mm.reclaim;
  if (shrinkers.some((known) => known.shrinker === what)) {
    report('warn', `list_add double add: new=${fmt}, which is registered already`);
    return 0;
  }
  note_callback(what.count_objects);
  note_callback(what.scan_objects);
  const name = vsprintf(fmt, args, format_env);
  shrinkers.push(new RegisteredShrinker(what, name));
  kernel.registrations.add('shrinker', what, name);
  return 0;
}

/** Takes a cache back; on return none of its functions runs. What is not registered is ignored. Context: process, may sleep. */
export function unregister_shrinker(what: shrinker): void {
  point();
  might_sleep_at('kernel/locking/rwsem.c:1519');
  const { shrinkers } = mm.reclaim;
  const at = shrinkers.findIndex((known) => known.shrinker === what);
  if (at < 0) return;
  const [known] = shrinkers.splice(at, 1);
  kernel.registrations.remove(what);
  const task = this_cpu.current;
  task.waiting_for = `the end of ${known!.name}'s scan_objects()`;
  while (known!.running > 0) {
    known!.waiter = task;
    task.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
  }
  task.__state = TASK_RUNNING;
  task.waiting_for = '';
}

/** Asks all caches to give up what `priority` calls for: all at 0, a 4096th at 12. Returns objects freed. */
export function shrink_slab(gfp_mask: number, priority: number): number {
  let freed = 0;
  for (const known of [...mm.reclaim.shrinkers]) {
    known.running++;
    freed += do_shrink_slab(known, gfp_mask, priority);
    known.running--;
    if (known.running === 0 && known.waiter !== null) kernel.sched.try_to_wake_up(known.waiter, TASK_NORMAL);
  }
  return freed;
}

function do_shrink_slab(known: RegisteredShrinker, gfp_mask: number, priority: number): number {
  const { shrinker } = known;
  const sc: shrink_control = { gfp_mask, nid: 0, nr_to_scan: 0, nr_scanned: 0 };
  const freeable = call(known, shrinker.count_objects, sc);
  if (freeable === 0 || freeable === SHRINK_EMPTY) return 0;
  const deferred = known.nr_deferred;
  known.nr_deferred = 0;
  const seeks = shrinker.seeks ?? DEFAULT_SEEKS;
  const delta = seeks === 0 ? Math.floor(freeable / 2) : Math.floor(((freeable >>> priority) * 4) / seeks);
  let total_scan = Math.min((deferred >>> priority) + delta, 2 * freeable);
  const batch = shrinker.batch ?? SHRINK_BATCH;
  let freed = 0;
  let scanned = 0;
  // A cache smaller than a batch is scanned once all of it is to go.
  while (total_scan >= batch || (total_scan >= freeable && total_scan > 0)) {
    sc.nr_to_scan = Math.min(batch, total_scan);
    sc.nr_scanned = sc.nr_to_scan;
    const ret = call(known, shrinker.scan_objects, sc);
    if (ret === SHRINK_STOP) break;
    freed += ret;
    if (sc.nr_scanned <= 0) break;
    total_scan -= sc.nr_scanned;
    scanned += sc.nr_scanned;
  }
  known.nr_deferred = Math.min(Math.max(deferred + delta - scanned, 0), 2 * freeable);
  return freed;
}

/** Calls one of its functions; -1, as in C, is the largest number. */
function call(known: RegisteredShrinker, fn: (shrinker: shrinker, sc: shrink_control) => number, sc: shrink_control): number {
  enter_hook(0, { what: `${fn.name}() of the shrinker ${known.name}`, fn });
  const ret = call_module(fn, [known.shrinker, sc], (name, now, then) => {
    report('context-imbalance', `WARNING: shrinker ${name} returned with preempt_count ${now.preempt_count.toString(16)}, entered with ${then.preempt_count.toString(16)}`);
  });
  leave_hook();
  return typeof ret === 'number' ? ret >>> 0 : 0;
}
