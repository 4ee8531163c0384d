/**
 * Static data: storage of a module's or the kernel's own variables that have addresses (DEFINE_SPINLOCK and the
 * like). Linux lays it out at link time, with KASAN's redzone behind each variable (kasan_register_globals).
 *
 * Pages come from ZONE_NORMAL on demand and belong to an owner, a module; they go when the module goes.
 */
import { GFP_ATOMIC } from './gfp_types.js';
import { get_order, PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE } from './layout.js';
import { mm } from './mm.js';
import { ORDER_MASK, PG_STATIC, state_of } from './pages/page.js';
import { __alloc_pages, __free_pages_ok } from './pages/page_alloc.js';
import type { Ptr } from './pointer.js';
import { i32, wipe_words } from './ram.js';
import { KASAN_GLOBAL_REDZONE, poison, unpoison } from './kasan/shadow.js';

/** Redzone behind a variable, at least. Linux: KASAN's compiler pass uses 32 for small ones. */
const REDZONE_BYTES = 32;

export interface StaticVariable {
  readonly name: string;
  readonly owner: string;
  /** RAM offset. */
  readonly offset: number;
  readonly size: number;
}

export interface StaticArea {
  readonly owner: string;
  /** First frames of its blocks. */
  readonly blocks: number[];
  readonly variables: StaticVariable[];
  /** RAM offsets: the free rest of the newest block. */
  next: number;
  end: number;
}

/**
 * Storage for a variable, zeroed. `align` is a power of two. Throws RangeError where there is no memory: a module
 * that does not fit is not loaded. Context: process (module load) or boot.
 */
export function alloc_static(size: number, align: number, owner: string, name: string): Ptr {
  let area = static_area(owner);
  const step = Math.max(align, 8);
  const bytes = (size + REDZONE_BYTES + 7) & ~7;
  let offset = area === null ? 0 : (area.next + step - 1) & -step;
  if (area === null || offset + bytes > area.end) {
    const order = get_order(bytes);
    const pfn = __alloc_pages(GFP_ATOMIC, order, PAGE_SIZE << order, PG_STATIC);
    if (pfn < 0) throw new RangeError(`${owner}: no memory for ${size} bytes of static data (${name})`);
    offset = pfn << PAGE_SHIFT;
    if (area === null) {
      area = { owner, blocks: [pfn], variables: [], next: 0, end: 0 };
      mm.statics.push(area);
    } else area.blocks.push(pfn);
    area.end = offset + (PAGE_SIZE << order);
    poison(offset, PAGE_SIZE << order, KASAN_GLOBAL_REDZONE);
  }
  area.next = offset + bytes;
  area.variables.push({ name, owner, offset, size });
  unpoison(offset, size);
  wipe_words(i32, offset >>> 2, (offset + size + 3) >>> 2);
  return (PAGE_OFFSET + offset) as Ptr;
}

/** What the owner has; null where that is nothing. */
export function static_area(owner: string): StaticArea | null {
  for (const area of mm.statics) if (area.owner === owner) return area;
  return null;
}

/** An owner goes, and its variables with it: later accesses are reported as use of freed memory. Context: process. */
export function free_static(owner: string): void {
  mm.percpu?.free_owner(owner);
  const area = static_area(owner);
  if (area === null) return;
  mm.statics.splice(mm.statics.indexOf(area), 1);
  for (const pfn of area.blocks) __free_pages_ok(pfn, state_of(pfn) & ORDER_MASK);
}

/** The variable at or before a RAM offset in the same area, its redzone included; null where there is none. */
export function static_at(offset: number): StaticVariable | null {
  for (const area of mm.statics) {
    for (let i = area.variables.length - 1; i >= 0; i--) {
      const variable = area.variables[i]!;
      if (offset >= variable.offset && offset < variable.offset + variable.size + REDZONE_BYTES + 8) return variable;
    }
  }
  return null;
}
