/**
 * Memory pools: a reserve of elements for those who must go on when memory is short. Linux: mm/mempool.c, which is
 * the source of all functions.
 *
 * A pool lies in kernel memory, so that it can be part of another struct; its elements and functions, which C keeps
 * behind pointers, are kept beside it. Elements of the reserve are poisoned: a use of one is a use after free.
 */
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import { TASK_UNINTERRUPTIBLE } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { ENOMEM } from '../../include/linux/errno.js';
import { HZ } from '../../include/linux/jiffies.js';
import { struct, u32 } from '../../lib/struct.js';
import { call_module } from '../../module/call.js';
import { note_callback } from '../../module/owner.js';
import { report } from '../../debug/report.js';
import { might_alloc } from '../../sched/might_sleep.js';
import { end_wait, enqueue_waiter, init_wait_words, wait_queue_entry, wait_queue_head_t, wake_waiters, WQ_FLAG_EXCLUSIVE } from '../../sched/wait.js';
import { do_schedule_timeout } from '../../time/sleep.js';
import { as_address } from '../arguments.js';
import { __GFP_DIRECT_RECLAIM, __GFP_IO, __GFP_NOMEMALLOC, __GFP_NORETRY, __GFP_NOWARN, __GFP_ZERO, GFP_KERNEL } from '../gfp_types.js';
import { check_access } from '../kasan/kasan.js';
import { report_invalid_free } from '../kasan/kasan_report.js';
import { free_object, kmalloc } from './kmalloc.js';
import { hex8, PAGE_OFFSET } from '../layout.js';
import { find_object } from './object.js';
import type { Ptr, Struct } from '../pointer.js';
import { i32, meta } from '../ram.js';
import { offset_of, record_alloc, record_free, SIZE } from '../kasan/record.js';
import { poison_freed, unpoison_object } from '../kasan/shadow.js';
import { kmem_cache_alloc, kmem_cache_free } from './slab_api.js';
import type { cache_ptr } from './slab_create.js';
import { warn_once_at } from '../warn.js';

/** 36 bytes: how many elements are in reserve, how many there should be, which initialisation, who waits. */
export const mempool_t = struct('mempool', { min_nr: u32, curr_nr: u32, generation: u32, wait: wait_queue_head_t });
export type mempool_t = Struct<'mempool'>;
export type mempool_alloc_t<D, T = unknown> = (gfp: number, pool_data: D) => Ptr<T> | null;
export type mempool_free_t<D, T = unknown> = (element: Ptr<T>, pool_data: D) => void;

const [MIN_NR, CURR_NR, GENERATION] = [0, 1, 2];
const WAIT = mempool_t.offsets.wait;

interface Pool {
  readonly generation: number;
  readonly min_nr: number;
  readonly elements: number[];
  readonly alloc: (gfp: number) => number | null;
  readonly free: (element: number) => void;
  /** Made by mempool_create(), which allocated the struct too. */
  readonly allocated: boolean;
}

/** A machine's pools by address, and how many were ever made. */
class Pools extends Map<number, Pool> {
  generation = 0;
}
const pools = new WeakMap<object, Pools>();

function pools_here(): Pools {
  let map = pools.get(kernel);
  if (map === undefined) pools.set(kernel, (map = new Pools()));
  return map;
}

/** The pool at an address; null where there is none, after the report. */
function pool_at(p: Ptr<mempool_t>, fn: string): Pool | null {
  const addr = as_address(fn, p);
  if (!check_access(addr, mempool_t.size, true)) return null;
  const pool = pools_here().get(addr);
  if (pool !== undefined && pool.generation === i32[(offset_of(addr) >>> 2) + GENERATION]) return pool;
  throw new TypeError(`${fn}: there is no memory pool at 0x${hex8(addr)}: mempool_init() was not called, or mempool_exit() was`);
}

function imbalance(fn: string): void {
  report('context-imbalance', `WARNING: memory pool function ${fn} returned with another context than it was called with`);
}

/** An element that only the pool may touch. Linux: kasan_poison_element(). */
function poison_element(element: number): void {
  const found = element >= PAGE_OFFSET ? find_object(offset_of(element)) : null;
  if (found?.start !== offset_of(element)) return;
  poison_freed(found.start, found.object_size);
  record_free(found.record);
}

/** Linux: kasan_unpoison_element(). */
function unpoison_element(element: number): void {
  const found = element >= PAGE_OFFSET ? find_object(offset_of(element)) : null;
  if (found?.start !== offset_of(element)) return;
  const size = meta[found.record + SIZE]!;
  record_alloc(found.record, size);
  unpoison_object(found.start, found.object_size, size);
}

function add_element(at: number, pool: Pool, element: number): void {
  poison_element(element);
  pool.elements.push(element);
  i32[at + CURR_NR] = pool.elements.length;
}

function remove_element(at: number, pool: Pool): number {
  const element = pool.elements.pop()!;
  i32[at + CURR_NR] = pool.elements.length;
  unpoison_element(element);
  return element;
}

/**
 * Makes a pool of the memory at `p`, with `min_nr` elements that `alloc_fn(gfp, pool_data)` gives. Returns 0, or
 * -ENOMEM. Undone by mempool_exit(). Context: process, may sleep.
 */
export function mempool_init<D>(p: Ptr<mempool_t>, min_nr: number, alloc_fn: mempool_alloc_t<D>, free_fn: mempool_free_t<D>, pool_data: D): number {
  point();
  note_callback(alloc_fn);
  note_callback(free_fn);
  const alloc = (gfp: number): number | null => call_module(alloc_fn, [gfp, pool_data], imbalance) ?? null;
  const free = (element: number): void => void call_module(free_fn, [element as Ptr, pool_data], imbalance);
  return init(p, min_nr, alloc, free, false);
}

function init(p: Ptr<mempool_t>, min_nr: number, alloc: Pool['alloc'], free: Pool['free'], allocated: boolean): number {
  if (!check_access(p, mempool_t.size, true)) return -ENOMEM;
  const pool: Pool = { generation: ++pools_here().generation, min_nr, elements: [], alloc, free, allocated };
  const at = offset_of(p) >>> 2;
  i32[at + MIN_NR] = min_nr;
  i32[at + CURR_NR] = 0;
  i32[at + GENERATION] = pool.generation;
  init_wait_words(p + WAIT);
  pools_here().set(p, pool);
  kernel.registrations.add('mempool', pool, `0x${hex8(p)} (${min_nr} in reserve)`);
  while (pool.elements.length < min_nr) {
    const element = alloc(GFP_KERNEL);
    if (element === null) {
      exit(p, pool);
      return -ENOMEM;
    }
    add_element(at, pool, element);
  }
  return 0;
}

function create(min_nr: number, alloc: Pool['alloc'], free: Pool['free']): Ptr<mempool_t> | null {
  const p = kmalloc<mempool_t>(mempool_t.size, GFP_KERNEL);
  if (p === null) return null;
  if (init(p, min_nr, alloc, free, true) === 0) return p;
  free_object(p, 'mempool_create');
  return null;
}

/** A pool of its own: as mempool_init(); null where there is no memory. Undone by mempool_destroy(). Context: process, may sleep. */
export function mempool_create<D>(min_nr: number, alloc_fn: mempool_alloc_t<D>, free_fn: mempool_free_t<D>, pool_data: D): Ptr<mempool_t> | null {
  point();
  note_callback(alloc_fn);
  note_callback(free_fn);
  return create(
    min_nr,
    (gfp) => call_module(alloc_fn, [gfp, pool_data], imbalance) ?? null,
    (element) => void call_module(free_fn, [element as Ptr, pool_data], imbalance),
  );
}

/** A pool of objects of a slab cache. Context: process, may sleep. */
export function mempool_create_slab_pool(min_nr: number, cache: cache_ptr): Ptr<mempool_t> | null {
  point();
  return create(min_nr, (gfp) => kmem_cache_alloc(cache, gfp), (element) => { kmem_cache_free(cache, element as Ptr); });
}

/** A pool of kmalloc()ed pieces. Context: process, may sleep. */
export function mempool_create_kmalloc_pool(min_nr: number, size: number): Ptr<mempool_t> | null {
  point();
  return create(min_nr, (gfp) => kmalloc(size, gfp), (element) => { free_object(element as Ptr, 'mempool_kfree'); });
}

/** Ticks after which a waiter looks again by itself. */
const RETRY_SECONDS = 5;

/**
 * An element: a fresh one where there is memory, else one of the reserve. With flags that may sleep it waits until
 * one comes back, and never returns null. Context: any with flags that do not sleep, else process.
 */
export function mempool_alloc(p: Ptr<mempool_t>, gfp: number): Ptr | null {
  point();
  const pool = pool_at(p, 'mempool_alloc');
  if (pool === null) return null;
  if ((gfp & __GFP_ZERO) !== 0) warn_once_at('mm/mempool.c:382', 'mempool_alloc');
  might_alloc(gfp);
  const patient = gfp | __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN;
  const at = offset_of(p) >>> 2;
  let flags = patient & ~(__GFP_DIRECT_RECLAIM | __GFP_IO);
  for (;;) {
    const element = pool.alloc(flags);
    if (element !== null) return element as Ptr;
    if (pool.elements.length > 0) return remove_element(at, pool) as Ptr;
    if (flags !== patient) {
      flags = patient;
      continue;
    }
    if ((gfp & __GFP_DIRECT_RECLAIM) === 0) return null;
    sleep(p);
  }
}

/** Until an element comes back, or some time has passed: memory may be free by then without a word. */
function sleep(p: Ptr<mempool_t>): void {
  const task = this_cpu.current;
  const entry = new wait_queue_entry(task, true);
  entry.flags = WQ_FLAG_EXCLUSIVE;
  enqueue_waiter(p + WAIT, entry);
  task.__state = TASK_UNINTERRUPTIBLE;
  task.waiting_for = `an element of the memory pool at ${hex8(p)}`;
  do_schedule_timeout(RETRY_SECONDS * HZ);
  end_wait(entry);
}

/** Takes back an element: into the reserve where that is not full, and one who waits is woken. null is fine. Context: any. */
export function mempool_free(element: Ptr | null, p: Ptr<mempool_t>): void {
  point();
  if (element === null) return;
  const pool = pool_at(p, 'mempool_free');
  if (pool === null) return;
  if (pool.elements.includes(element)) {
    report_invalid_free(element, 'double-free', 'mempool_free');
    return;
  }
  if (pool.elements.length >= pool.min_nr) {
    pool.free(element);
    return;
  }
  add_element(offset_of(p) >>> 2, pool, element);
  wake_waiters(p + WAIT, TASK_UNINTERRUPTIBLE, 1);
}

function exit(p: Ptr<mempool_t>, pool: Pool): void {
  const at = offset_of(p) >>> 2;
  while (pool.elements.length > 0) pool.free(remove_element(at, pool));
  pools_here().delete(p);
  kernel.registrations.remove(pool);
  i32[at + GENERATION] = 0;
}

/** Frees the reserve of a pool made by mempool_init(). Elements that are out are their holders' to free. Context: process. */
export function mempool_exit(p: Ptr<mempool_t>): void {
  point();
  const pool = pool_at(p, 'mempool_exit');
  if (pool !== null) exit(p, pool);
}

/** Ends a pool made by mempool_create() or one of its like; null is fine. Context: process. */
export function mempool_destroy(p: Ptr<mempool_t> | null): void {
  point();
  if (p === null) return;
  const pool = pool_at(p, 'mempool_destroy');
  if (pool === null) return;
  exit(p, pool);
  if (pool.allocated) free_object(p, 'mempool_destroy');
}
