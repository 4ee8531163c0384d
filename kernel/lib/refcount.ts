/**
 * Reference counters that saturate. Follows lib/refcount.c and include/linux/refcount.h, the sources of all functions.
 * All may be called from any context.
 */
import { this_cpu } from '../arch/cpu.js';
import { access_point, point, step_of_access } from '../arch/point.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { word_index } from '../mm/kasan/kasan.js';
import { mm } from '../mm/mm.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { alloc_static } from '../mm/static_area.js';
import { atomic_t, exchange, fetch_add, load } from './atomic.js';
import { struct } from './struct.js';

const READ = step_of_access(4, false);
const WRITE = step_of_access(4, true);

/** 4 bytes: a counter that stays where it is once it has overflowed. */
export const refcount_t = struct('refcount_struct', { refs: atomic_t });
export type refcount_t = Struct<'refcount_struct'>;

/** Halfway between the largest count and 0, so that no race gets out of it. */
export const REFCOUNT_SATURATED = -0x4000_0000;

/** Lines of lib/refcount.c, by what went wrong. */
const saturation = {
  add_not_zero: ['saturated; leaking memory', 19],
  add: ['saturated; leaking memory', 22],
  add_uaf: ['addition on 0; use-after-free', 25],
  sub_uaf: ['underflow; use-after-free', 28],
  dec_leak: ['decrement hit 0; leaking memory', 31],
} as const;

/** Follows refcount_warn_saturate(): the counter stays saturated. */
function saturate(r: number, kind: keyof typeof saturation): void {
  exchange(r, REFCOUNT_SATURATED);
  refcount_warn(kind);
}

/** Each kind of fault is told once. */
export function refcount_warn(kind: keyof typeof saturation): void {
  const [what, line] = saturation[kind];
  const where = `lib/refcount.c:${line}`;
  if (!mm.once(where)) return;
  report('warn', `refcount_t: ${what}.\nWARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${where} refcount_warn_saturate`);
}

/** A static counter: `const users = REFCOUNT_INIT(1)`. Context: process, module load as a rule. */
export function REFCOUNT_INIT(n: number): Ptr<refcount_t> {
  point();
  const r = alloc_static(refcount_t.size, refcount_t.align, kernel.modules.static_owner(), 'refcount_t') as Ptr<refcount_t>;
  i32[word_index(r)] = n;
  return r;
}

export function refcount_set(r: Ptr<refcount_t>, n: number): void {
  access_point(r, WRITE);
  exchange(r, n);
}
export function refcount_read(r: Ptr<refcount_t>): number {
  access_point(r, READ);
  return load(r);
}
/** One more; nobody may add to 0, for the object is gone then. */
export function refcount_inc(r: Ptr<refcount_t>): void {
  refcount_add(1, r);
}
export function refcount_add(i: number, r: Ptr<refcount_t>): void {
  access_point(r, WRITE);
  const old = fetch_add(r, i);
  if (old === 0) saturate(r, 'add_uaf');
  else if (old < 0 || ((old + i) | 0) < 0) saturate(r, 'add');
}
/** One more unless it is 0: false then. */
export function refcount_inc_not_zero(r: Ptr<refcount_t>): boolean {
  access_point(r, WRITE);
  const old = load(r);
  if (old === 0) return false;
  fetch_add(r, 1);
  if (old < 0 || ((old + 1) | 0) < 0) saturate(r, 'add_not_zero');
  return true;
}
/** One less, of a counter that others still hold: reaching 0 here is a fault. */
export function refcount_dec(r: Ptr<refcount_t>): void {
  access_point(r, WRITE);
  if (fetch_add(r, -1) <= 1) saturate(r, 'dec_leak');
}
/** One less. True where it is 0 now: the object may be freed. */
export function refcount_dec_and_test(r: Ptr<refcount_t>): boolean {
  return refcount_sub_and_test(1, r);
}
export function refcount_sub_and_test(i: number, r: Ptr<refcount_t>): boolean {
  access_point(r, WRITE);
  const old = fetch_add(r, -i);
  if (old === i) return true;
  if (old < 0 || old - i < 0) saturate(r, 'sub_uaf');
  return false;
}
