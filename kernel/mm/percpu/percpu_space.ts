/**
 * Memory of which every CPU has a copy. Linux: mm/percpu.c.
 *
 * A per-CPU pointer is no address: it names a place in all copies at once. It points below kernel memory, so one that
 * is used without per_cpu_ptr() is found. Chunks hold one unit a CPU; a place lies at the same offset in each unit.
 * What type of number lies at each place is remembered, so that this_cpu_add() knows how wide it is.
 */
import { jiffies } from '../../include/linux/jiffies.js';
import type { Type } from '../../lib/struct.js';
import { PAGE_SHIFT } from '../layout.js';
import { mm, type Mm } from '../mm.js';
import { PG_STATIC } from '../pages/page.js';
import { __alloc_pages, __free_pages_ok } from '../pages/page_alloc.js';
import { cache_words, NEXT_SEQ, u8 } from '../ram.js';
import { here, type Track } from '../kasan/record.js';
import { KASAN_GLOBAL_REDZONE, KASAN_PAGE_FREE, poison, unpoison } from '../kasan/shadow.js';

/** Per-CPU pointers: the 16 MiB below the functions' addresses. */
export const PERCPU_START = 0x3e000000;
const PERCPU_BYTES = 0x01000000;
/** Linux: PCPU_MIN_UNIT_SIZE. */
export const UNIT_SHIFT = 15;
export const UNIT_BYTES = 1 << UNIT_SHIFT;
/** Words of a chunk in `units`. */
export const UNITS_SHIFT = 3;
const REDZONE_BYTES = 16;

/** Types of numbers, as `kinds` has them. 0 is none. */
export const KINDS = ['', 'load_u8', 'load_s8', 'load_u16', 'load_s16', 'load_u32', 'load_s32', 'load_u64', 'load_s64', 'load_bool', 'load_ptr'] as const;

export interface PercpuVariable {
  /** Offset of its place, from PERCPU_START. */
  readonly index: number;
  readonly size: number;
  /** Of a static one, the module; of one that was allocated, null. */
  readonly owner: string | null;
  readonly name: string;
  readonly allocated: Track;
  readonly seq: number;
  readonly jiffies: number;
}

interface Shaped extends Type {
  readonly fields?: { readonly [name: string]: Type };
  readonly offsets?: { readonly [name: string]: number };
  readonly of?: Type;
  readonly length?: number;
}

export class PercpuSpace {
  /** RAM offset of each unit: eight words a chunk, one a CPU. */
  units = new Int32Array(0);
  /** Kind of number that begins at each byte. */
  kinds = new Uint8Array(0);
  private chunks = 0;
  /** By ascending index. */
  readonly variables: PercpuVariable[] = [];

  /** A new variable, all zeros, or null. May sleep where the flags say so. */
  alloc(size: number, align: number, type: Type | null, owner: string | null, name: string, gfp: number): PercpuVariable | null {
    const step = Math.max(align, 8);
    let index = this.find(size, step);
    if (index < 0) {
      if (!this.add_chunk(gfp)) return null;
      index = this.find(size, step);
    }
    const variable: PercpuVariable = { index, size, owner, name, allocated: here(), seq: cache_words[NEXT_SEQ]!++, jiffies };
    const next = this.variables.findIndex((other) => other.index > index);
    this.variables.splice(next < 0 ? this.variables.length : next, 0, variable);
    if (type !== null) this.note_kinds(index, type);
    for (const offset of this.places(index)) {
      unpoison(offset, size);
      u8.fill(0, offset, offset + size);
      const end = (size + 7) & ~7;
      poison(offset + end, REDZONE_BYTES, KASAN_GLOBAL_REDZONE);
    }
    return variable;
  }

  free(variable: PercpuVariable): void {
    this.variables.splice(this.variables.indexOf(variable), 1);
    this.kinds.fill(0, variable.index, variable.index + variable.size);
    for (const offset of this.places(variable.index)) poison(offset, variable.size + REDZONE_BYTES, KASAN_PAGE_FREE);
  }

  /** A module goes, and its static variables with it. */
  free_owner(owner: string): void {
    for (const variable of this.variables.filter((each) => each.owner === owner)) this.free(variable);
  }

  at(index: number): PercpuVariable | null {
    return this.variables.find((variable) => variable.index === index) ?? null;
  }

  /** RAM offsets of a place, one a CPU. */
  places(index: number): number[] {
    const first = (index >>> UNIT_SHIFT) << UNITS_SHIFT;
    return Array.from({ length: mm.cpus }, (_, cpu) => this.units[first + cpu]! + (index & (UNIT_BYTES - 1)));
  }

  /** First fit that lies in one chunk, or -1. */
  private find(size: number, align: number): number {
    let at = 0;
    const fits = (end: number): boolean => {
      at = (at + align - 1) & -align;
      if ((at & (UNIT_BYTES - 1)) + size + REDZONE_BYTES > UNIT_BYTES) at = ((at >>> UNIT_SHIFT) + 1) << UNIT_SHIFT;
      return at + size + REDZONE_BYTES <= end;
    };
    for (const { index, size: used } of this.variables) {
      if (fits(index)) return at;
      at = index + ((used + 7) & ~7) + REDZONE_BYTES;
    }
    return fits(this.chunks << UNIT_SHIFT) ? at : -1;
  }

  /** Linux: pcpu_create_chunk(). Its pages belong to the kernel, and stay. */
  private add_chunk(gfp: number): boolean {
    if ((this.chunks + 1) << UNIT_SHIFT > PERCPU_BYTES) return false;
    const units: number[] = [];
    for (let cpu = 0; cpu < mm.cpus; cpu++) {
      const pfn = __alloc_pages(gfp, UNIT_SHIFT - PAGE_SHIFT, UNIT_BYTES, PG_STATIC);
      if (pfn < 0) {
        for (const unit of units) __free_pages_ok(unit >>> PAGE_SHIFT, UNIT_SHIFT - PAGE_SHIFT);
        return false;
      }
      poison(pfn << PAGE_SHIFT, UNIT_BYTES, KASAN_PAGE_FREE);
      units.push(pfn << PAGE_SHIFT);
    }
    const grown = new Int32Array((this.chunks + 1) << UNITS_SHIFT);
    grown.set(this.units);
    grown.set(units, this.chunks << UNITS_SHIFT);
    const kinds = new Uint8Array((this.chunks + 1) << UNIT_SHIFT);
    kinds.set(this.kinds);
    this.units = grown;
    this.kinds = kinds;
    this.chunks++;
    return true;
  }

  private note_kinds(index: number, type: Shaped): void {
    if (type.access !== null) {
      this.kinds[index] = Math.max(0, KINDS.indexOf(type.access.load as (typeof KINDS)[number]));
    } else if (type.fields !== undefined) {
      for (const [name, field] of Object.entries(type.fields)) this.note_kinds(index + type.offsets![name]!, field);
    } else if (type.of !== undefined) {
      for (let i = 0; i < type.length!; i++) this.note_kinds(index + i * type.of.size, type.of);
    }
  }
}

/** The machine's per-CPU memory, built at its first use. */
export function percpu_space(memory: Mm): PercpuSpace {
  memory.percpu ??= new PercpuSpace();
  return memory.percpu;
}
