/**
 * Operations on this CPU's copy of a per-CPU number: each is one indivisible step, which an interrupt or a move to
 * another CPU cannot split. Linux: include/linux/percpu-defs.h.
 *
 * Three families, as in Linux: this_cpu_*() are safe anywhere; __this_cpu_*() are for where the task cannot move, and
 * check it; raw_cpu_*() check nothing. A number wraps at its own width; one of 64 bits is a bigint. Context: any.
 */
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import { check_preemption_disabled } from '../../sched/smp.js';
import { PAGE_OFFSET } from '../layout.js';
import { mm } from '../mm.js';
import { bad_place, place_of, type percpu_ptr } from './percpu.js';
import { PERCPU_START, UNIT_BYTES, UNIT_SHIFT, UNITS_SHIFT } from './percpu_space.js';
import type { Ptr, Struct } from '../pointer.js';
import { i32, view } from '../ram.js';

/** What a per-CPU number reads as. */
export type NumberAt<T> = T extends Struct<'u64'> | Struct<'s64'>
  ? bigint
  : T extends Struct<'bool'>
    ? boolean
    : T extends Struct<'ptr'>
      ? Ptr | null
      : number;

// Constants of this file: the engine folds them.
const [START, SHIFT, MASK, WORDS_SHIFT] = [PERCPU_START, UNIT_SHIFT, UNIT_BYTES - 1, UNITS_SHIFT];
// As KINDS of percpu_space.ts numbers them; what is left is a pointer.
const [U8, S8, U16, S16, U32, S32, U64, S64, BOOL] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

type Value = number | bigint | boolean | null;

function kind_at(p: number): number {
  return mm.percpu?.kinds[(p | 0) - START] ?? 0;
}

/** Whether a number begins there; what is wrong has been reported otherwise. */
function is_number(fn: string, p: number): boolean {
  if (kind_at(p) !== 0) return true;
  bad_place(fn, p);
  return false;
}

function read(p: number, cpu: number = this_cpu.id): Value {
  const offset = place_of(p, cpu) - PAGE_OFFSET;
  switch (kind_at(p)) {
    case U8:
      return view.getUint8(offset);
    case S8:
      return view.getInt8(offset);
    case U16:
      return view.getUint16(offset, true);
    case S16:
      return view.getInt16(offset, true);
    case U32:
      return view.getUint32(offset, true);
    case S32:
      return view.getInt32(offset, true);
    case U64:
      return view.getBigUint64(offset, true);
    case S64:
      return view.getBigInt64(offset, true);
    case BOOL:
      return view.getUint8(offset) !== 0;
    default:
      return view.getUint32(offset, true) === 0 ? null : view.getUint32(offset, true);
  }
}

function write(p: number, value: Value): void {
  const offset = place_of(p, this_cpu.id) - PAGE_OFFSET;
  switch (kind_at(p)) {
    case U8:
    case S8:
      view.setUint8(offset, Number(value));
      break;
    case BOOL:
      view.setUint8(offset, value === true || (value !== false && Number(value) !== 0) ? 1 : 0);
      break;
    case U16:
    case S16:
      view.setUint16(offset, Number(value), true);
      break;
    case U64:
    case S64:
      view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value ?? 0)), true);
      break;
    default:
      view.setUint32(offset, Number(value ?? 0), true);
  }
}

/** The number plus another, at its width. */
function sum(a: Value, b: number | bigint): number | bigint {
  return typeof a === 'bigint' ? a + BigInt(b) : Number(a) + Number(b);
}

function add(fn: string, p: number, value: number | bigint): void {
  const index = (p | 0) - START;
  const space = mm.percpu;
  if (space !== null && typeof value === 'number') {
    const kind = space.kinds[index];
    if (kind === U32 || kind === S32) {
      // Variables are aligned, and only what is allocated has a kind.
      const at = (space.units[((index >>> SHIFT) << WORDS_SHIFT) + this_cpu.id]! + (index & MASK)) >>> 2;
      i32[at] = i32[at]! + value;
      return;
    }
  }
  if (is_number(fn, p)) write(p, sum(read(p), value));
}

function add_return(fn: string, p: number, value: number | bigint): Value {
  if (!is_number(fn, p)) return 0;
  write(p, sum(read(p), value));
  return read(p);
}

function check(what: string): void {
  const cpu = this_cpu;
  if (cpu.preempt_count === 0 && cpu.irqs_off === 0) check_preemption_disabled(cpu, `__this_cpu_${what}`);
}

/** The number. */
export function this_cpu_read<T>(p: percpu_ptr<T>): NumberAt<T> {
  point();
  return (is_number('this_cpu_read', p) ? read(p) : 0) as NumberAt<T>;
}

export function this_cpu_write<T>(p: percpu_ptr<T>, value: NumberAt<T>): void {
  point();
  if (is_number('this_cpu_write', p)) write(p, value);
}

export function this_cpu_add<T>(p: percpu_ptr<T>, value: number | bigint): void {
  point();
  add('this_cpu_add', p, value);
}

export function this_cpu_sub<T>(p: percpu_ptr<T>, value: number | bigint): void {
  point();
  add('this_cpu_sub', p, -value);
}

export function this_cpu_inc<T>(p: percpu_ptr<T>): void {
  point();
  add('this_cpu_inc', p, 1);
}

export function this_cpu_dec<T>(p: percpu_ptr<T>): void {
  point();
  add('this_cpu_dec', p, -1);
}

/** Adds, and returns the new number. */
export function this_cpu_add_return<T>(p: percpu_ptr<T>, value: number | bigint): NumberAt<T> {
  point();
  return add_return('this_cpu_add_return', p, value) as NumberAt<T>;
}

export function this_cpu_inc_return<T>(p: percpu_ptr<T>): NumberAt<T> {
  return this_cpu_add_return(p, 1);
}

export function this_cpu_dec_return<T>(p: percpu_ptr<T>): NumberAt<T> {
  return this_cpu_add_return(p, -1);
}

/** Writes, and returns what was there. */
export function this_cpu_xchg<T>(p: percpu_ptr<T>, value: NumberAt<T>): NumberAt<T> {
  point();
  if (!is_number('this_cpu_xchg', p)) return 0 as NumberAt<T>;
  const old = read(p);
  write(p, value);
  return old as NumberAt<T>;
}

/** Writes `value` where the number is `old`. Returns what was there. */
export function this_cpu_cmpxchg<T>(p: percpu_ptr<T>, old: NumberAt<T>, value: NumberAt<T>): NumberAt<T> {
  point();
  if (!is_number('this_cpu_cmpxchg', p)) return 0 as NumberAt<T>;
  const was = read(p);
  if (was === old) write(p, value);
  return was as NumberAt<T>;
}

export function __this_cpu_read<T>(p: percpu_ptr<T>): NumberAt<T> {
  point();
  check('read');
  return (is_number('__this_cpu_read', p) ? read(p) : 0) as NumberAt<T>;
}

export function __this_cpu_write<T>(p: percpu_ptr<T>, value: NumberAt<T>): void {
  point();
  check('write');
  if (is_number('__this_cpu_write', p)) write(p, value);
}

export function __this_cpu_add<T>(p: percpu_ptr<T>, value: number | bigint): void {
  point();
  check('add');
  add('__this_cpu_add', p, value);
}

export function __this_cpu_sub<T>(p: percpu_ptr<T>, value: number | bigint): void {
  __this_cpu_add(p, -value);
}

export function __this_cpu_inc<T>(p: percpu_ptr<T>): void {
  __this_cpu_add(p, 1);
}

export function __this_cpu_dec<T>(p: percpu_ptr<T>): void {
  __this_cpu_add(p, -1);
}

export function raw_cpu_read<T>(p: percpu_ptr<T>): NumberAt<T> {
  point();
  return (is_number('raw_cpu_read', p) ? read(p) : 0) as NumberAt<T>;
}

export function raw_cpu_write<T>(p: percpu_ptr<T>, value: NumberAt<T>): void {
  point();
  if (is_number('raw_cpu_write', p)) write(p, value);
}

export function raw_cpu_add<T>(p: percpu_ptr<T>, value: number | bigint): void {
  point();
  add('raw_cpu_add', p, value);
}

/** One CPU's number, from wherever the caller runs: C's per_cpu(var, cpu), read. */
export function per_cpu<T>(p: percpu_ptr<T>, cpu: number): NumberAt<T> {
  point();
  if (!Number.isInteger(cpu) || cpu < 0 || cpu >= mm.cpus) throw new RangeError(`per_cpu: this machine has no CPU ${cpu}`);
  return (is_number('per_cpu', p) ? read(p, cpu) : 0) as NumberAt<T>;
}
