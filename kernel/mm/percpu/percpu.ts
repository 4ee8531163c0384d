/** Per-CPU variables. Linux: include/linux/percpu-defs.h, mm/percpu.c, which are the sources of all functions. */
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import { kernel } from '../../current.js';
import { report } from '../../debug/report.js';
import { __preempt_count_dec, __preempt_count_inc } from '../../include/linux/preempt.js';
import { type Fields, offsetof, type StructType, type TargetOf, type Type } from '../../lib/struct.js';
import { might_sleep_at } from '../../sched/might_sleep.js';
import { check_preemption_disabled } from '../../sched/smp.js';
import { as_address, check_gfp } from '../arguments.js';
import { GFP_ATOMIC, GFP_KERNEL } from '../gfp_types.js';
import { check_access } from '../kasan/kasan.js';
import { hex8, PAGE_OFFSET, PAGE_SIZE } from '../layout.js';
import { mm } from '../mm.js';
import { PERCPU_START, percpu_space, UNIT_BYTES, UNIT_SHIFT, UNITS_SHIFT } from './percpu_space.js';
import type { Ptr, Struct } from '../pointer.js';
import { shadow } from '../ram.js';

/** What a per-CPU pointer points to: a T for each CPU. */
export interface percpu<T> {
  readonly percpu: T;
}
/** C's `T __percpu *`. It is no address: per_cpu_ptr() and this_cpu_ptr() make one of it. */
export type percpu_ptr<T = unknown> = Ptr<percpu<T>>;

/**
 * A static variable of which each CPU has a copy, all zeros: `const hits = DEFINE_PER_CPU('hits', u32)`. Throws
 * RangeError where there is no memory. Context: a module's top level.
 */
export function DEFINE_PER_CPU<T>(name: string, type: Type<unknown, T>): percpu_ptr<T> {
  point();
  const variable = percpu_space(mm).alloc(type.size, type.align, type, kernel.modules.static_owner(), name, GFP_ATOMIC);
  if (variable === null) throw new RangeError(`no memory for per-CPU variable ${name}`);
  return (PERCPU_START + variable.index) as percpu_ptr<T>;
}

function pcpu_alloc(fn: string, size: number, align: number, type: Type | null, gfp: number): percpu_ptr | null {
  check_gfp(fn, gfp);
  if (size === 0 || size > UNIT_BYTES - 64 || align > PAGE_SIZE || (align & (align - 1)) !== 0) {
    report('warn', `illegal size (${size}) or align (${align}) for percpu allocation\nWARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at mm/percpu.c:1767 pcpu_alloc`);
    return null;
  }
  if ((gfp & GFP_KERNEL) === GFP_KERNEL) might_sleep_at('kernel/locking/mutex.c:580');
  const variable = percpu_space(mm).alloc(size, align, type, null, type?.name ?? 'percpu', gfp);
  return variable === null ? null : ((PERCPU_START + variable.index) as percpu_ptr);
}

/** A T for each CPU, all zeros; null where there is no memory. Context: process, may sleep. */
export function alloc_percpu<T>(type: Type<unknown, T>): percpu_ptr<T> | null {
  return alloc_percpu_gfp(type, GFP_KERNEL);
}

/** alloc_percpu() with flags. Context: any with flags that do not sleep, else process. */
export function alloc_percpu_gfp<T>(type: Type<unknown, T>, gfp: number): percpu_ptr<T> | null {
  point();
  return pcpu_alloc('alloc_percpu_gfp', type.size, type.align, type, gfp) as percpu_ptr<T> | null;
}

/** `size` bytes for each CPU, at a multiple of `align`; this_cpu_add() and its like need a type, so not these. */
export function __alloc_percpu(size: number, align: number): percpu_ptr | null {
  point();
  return pcpu_alloc('__alloc_percpu', size, align, null, GFP_KERNEL);
}

/** Frees what alloc_percpu() gave; null is fine. Context: any. */
export function free_percpu(p: percpu_ptr | null): void {
  point();
  const addr = as_address('free_percpu', p);
  if (addr === 0) return;
  const variable = mm.percpu?.at(addr - PERCPU_START) ?? null;
  if (variable?.owner === null) {
    mm.percpu!.free(variable);
    return;
  }
  const type = variable === null && mm.percpu !== null && addr >= PERCPU_START && addr - PERCPU_START < mm.percpu.kinds.length ? 'double-free' : 'invalid-free';
  report('kasan', `BUG: KASAN: ${type} in free_percpu\nFree of addr ${hex8(addr)} by task ${this_cpu.current.comm}/${this_cpu.current.pid}`);
}

/** Address of one CPU's copy; for what is no per-CPU pointer, an address that faults. */
export function place_of(p: number, cpu: number): number {
  const index = (p | 0) - PERCPU_START;
  const space = mm.percpu;
  const unit = space === null || index < 0 ? undefined : space.units[((index >>> UNIT_SHIFT) << UNITS_SHIFT) + cpu];
  return unit === undefined ? p : PAGE_OFFSET + unit + (index & (UNIT_BYTES - 1));
}

/** The address of a CPU's copy. Throws RangeError where there is no such CPU. Context: any. */
export function per_cpu_ptr<T>(p: percpu_ptr<T>, cpu: number): Ptr<T> {
  point();
  if (!Number.isInteger(cpu) || cpu < 0 || cpu >= mm.cpus) throw new RangeError(`per_cpu_ptr: this machine has no CPU ${cpu}`);
  return place_of(p, cpu) as Ptr<T>;
}

/** The address of this CPU's copy. Context: any where the task cannot move to another CPU, which is checked. */
export function this_cpu_ptr<T>(p: percpu_ptr<T>): Ptr<T> {
  point();
  const cpu = this_cpu;
  if (cpu.preempt_count === 0 && cpu.irqs_off === 0) check_preemption_disabled(cpu, 'smp_processor_id');
  return place_of(p, cpu.id) as Ptr<T>;
}

/** this_cpu_ptr() without the check. Context: any. */
export function raw_cpu_ptr<T>(p: percpu_ptr<T>): Ptr<T> {
  point();
  return place_of(p, this_cpu.id) as Ptr<T>;
}

/** Disables preemption and gives the address of this CPU's copy: C's `&get_cpu_var(var)`. Context: any. */
export function get_cpu_var<T>(p: percpu_ptr<T>): Ptr<T> {
  point();
  __preempt_count_inc();
  return place_of(p, this_cpu.id) as Ptr<T>;
}

/** Undoes get_cpu_var(). Context: any. */
export function put_cpu_var<T>(_p: percpu_ptr<T>): void {
  point();
  __preempt_count_dec();
}

/** A field of a per-CPU struct, as C's `&p->field`, for this_cpu_inc() and its like. */
export function percpu_field<Name extends string, F extends Fields, K extends keyof F & string>(
  type: StructType<Name, F>,
  p: percpu_ptr<Struct<Name>>,
  field: K,
): percpu_ptr<TargetOf<F[K]>> {
  return (p + offsetof(type, field)) as percpu_ptr<TargetOf<F[K]>>;
}

/** Numbers of the CPUs that the machine may have: `for (const cpu of for_each_possible_cpu())`. Context: any. */
export function for_each_possible_cpu(): readonly number[] {
  return Array.from({ length: mm.cpus }, (_, cpu) => cpu);
}

/** What a this_cpu operation says of a place that holds no number: freed memory and wild pointers are reported. */
export function bad_place(fn: string, p: number): void {
  const addr = place_of(p, this_cpu.id);
  const granule = shadow[(addr - PAGE_OFFSET) >>> 3];
  if (granule === undefined || granule < 0) check_access(addr, 1, true);
  else throw new TypeError(`${fn}: no number begins at 0x${hex8(p)}: use per_cpu_ptr() for other types, percpu_field() for fields`);
}
