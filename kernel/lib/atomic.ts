/**
 * Atomic integers in kernel memory. Follows include/linux/atomic/atomic-instrumented.h, the source of all functions.
 * Each is a preemption point and then one step that nobody can come into; all may be called from any context.
 */
import { access_point, point, step_of_access } from '../arch/point.js';
import { alloc_static } from '../mm/static_area.js';
import { kernel } from '../current.js';
import { finite } from '../debug/finite.js';
import { check4, word_index } from '../mm/kasan/kasan.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { s32, struct } from './struct.js';

const READ = step_of_access(4, false);
const WRITE = step_of_access(4, true);

/** 4 bytes: a signed integer, which wraps. */
export const atomic_t = struct('atomic_t', { counter: s32 });
export type atomic_t = Struct<'atomic_t'>;

/** A static atomic: `const users = ATOMIC_INIT(0)`. Context: process, module load as a rule. */
export function ATOMIC_INIT(i: number): Ptr<atomic_t> {
  point();
  const v = alloc_static(atomic_t.size, atomic_t.align, kernel.modules.static_owner(), 'atomic_t') as Ptr<atomic_t>;
  i32[word_index(v)] = i;
  return v;
}

/** Replaces the value by `value` and returns the one before. No preemption point, as exchange() and add(). */
export function exchange(v: number, value: number): number {
  if (!check4(v, true)) return 0;
  const at = word_index(v);
  const old = i32[at]!;
  i32[at] = (value | 0) === value ? value : finite('an atomic value', value);
  return old;
}

/** Adds `i` and returns the value before. */
export function fetch_add(v: number, i: number): number {
  if (!check4(v, true)) return 0;
  const at = word_index(v);
  const old = i32[at]!;
  i32[at] = old + ((i | 0) === i ? i : finite('what is added to an atomic value', i));
  return old;
}

/** The value. */
export function load(v: number): number {
  return check4(v, false) ? i32[word_index(v)]! : 0;
}

export function atomic_read(v: Ptr<atomic_t>): number {
  access_point(v, READ);
  return load(v);
}
export function atomic_set(v: Ptr<atomic_t>, i: number): void {
  access_point(v, WRITE);
  exchange(v, i);
}
export function atomic_add(i: number, v: Ptr<atomic_t>): void {
  access_point(v, WRITE);
  fetch_add(v, i);
}
export function atomic_sub(i: number, v: Ptr<atomic_t>): void {
  access_point(v, WRITE);
  fetch_add(v, -i);
}
export function atomic_inc(v: Ptr<atomic_t>): void {
  access_point(v, WRITE);
  fetch_add(v, 1);
}
export function atomic_dec(v: Ptr<atomic_t>): void {
  access_point(v, WRITE);
  fetch_add(v, -1);
}
/** The value afterwards, as for the other `_return`. */
export function atomic_add_return(i: number, v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return (fetch_add(v, i) + i) | 0;
}
export function atomic_sub_return(i: number, v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return (fetch_add(v, -i) - i) | 0;
}
export function atomic_inc_return(v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return (fetch_add(v, 1) + 1) | 0;
}
export function atomic_dec_return(v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return (fetch_add(v, -1) - 1) | 0;
}
/** The value before, as for the other `fetch_`. */
export function atomic_fetch_add(i: number, v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return fetch_add(v, i);
}
export function atomic_fetch_sub(i: number, v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return fetch_add(v, -i);
}
export function atomic_fetch_inc(v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return fetch_add(v, 1);
}
export function atomic_fetch_dec(v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return fetch_add(v, -1);
}
export function atomic_fetch_and(i: number, v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return exchange(v, load(v) & i);
}
export function atomic_fetch_or(i: number, v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return exchange(v, load(v) | i);
}
export function atomic_fetch_xor(i: number, v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  return exchange(v, load(v) ^ i);
}
export function atomic_and(i: number, v: Ptr<atomic_t>): void {
  atomic_fetch_and(i, v);
}
export function atomic_or(i: number, v: Ptr<atomic_t>): void {
  atomic_fetch_or(i, v);
}
export function atomic_xor(i: number, v: Ptr<atomic_t>): void {
  atomic_fetch_xor(i, v);
}
/** True where the value is 0 afterwards. */
export function atomic_sub_and_test(i: number, v: Ptr<atomic_t>): boolean {
  return atomic_sub_return(i, v) === 0;
}
export function atomic_dec_and_test(v: Ptr<atomic_t>): boolean {
  return atomic_dec_return(v) === 0;
}
export function atomic_inc_and_test(v: Ptr<atomic_t>): boolean {
  return atomic_inc_return(v) === 0;
}
/** True where the value is negative afterwards. */
export function atomic_add_negative(i: number, v: Ptr<atomic_t>): boolean {
  return atomic_add_return(i, v) < 0;
}
/** Replaces the value and returns the one before. */
export function atomic_xchg(v: Ptr<atomic_t>, i: number): number {
  access_point(v, WRITE);
  return exchange(v, i);
}
/** Replaces the value where it is `old`, and returns what it was in any case. */
export function atomic_cmpxchg(v: Ptr<atomic_t>, old: number, i: number): number {
  access_point(v, WRITE);
  const value = load(v);
  if (value === (old | 0)) exchange(v, i);
  return value;
}
/** Adds `a` unless the value is `u`. Returns the value before. */
export function atomic_fetch_add_unless(v: Ptr<atomic_t>, a: number, u: number): number {
  access_point(v, WRITE);
  const value = load(v);
  if (value !== (u | 0)) fetch_add(v, a);
  return value;
}
/** True where it added. */
export function atomic_add_unless(v: Ptr<atomic_t>, a: number, u: number): boolean {
  return atomic_fetch_add_unless(v, a, u) !== (u | 0);
}
/** True where it added: 0 stays 0. */
export function atomic_inc_not_zero(v: Ptr<atomic_t>): boolean {
  return atomic_add_unless(v, 1, 0);
}
/** Takes one away unless the value would become negative. Returns what it is then, or would be. */
export function atomic_dec_if_positive(v: Ptr<atomic_t>): number {
  access_point(v, WRITE);
  const after = load(v) - 1;
  if (after >= 0) exchange(v, after);
  return after;
}
