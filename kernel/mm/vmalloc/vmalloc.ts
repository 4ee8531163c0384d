/** vmalloc() and vfree(). Linux: mm/vmalloc.c, which is the source of all functions. */
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import { jiffies } from '../../include/linux/jiffies.js';
import { kernel_bug } from '../../debug/fault.js';
import { kernel } from '../../current.js';
import { dump_stack, report } from '../../debug/report.js';
import { in_interrupt } from '../../include/linux/preempt.js';
import { LOGLEVEL_WARNING } from '../../printk/levels.js';
import { might_alloc, might_sleep_at } from '../../sched/might_sleep.js';
import { init_work, schedule_work } from '../../workqueue/queue.js';
import { work_struct, type work_ptr } from '../../workqueue/work.js';
import { as_address, as_size, check_gfp } from '../arguments.js';
import { free_hook } from '../slab/free_hook.js';
import { __GFP_HIGHMEM, __GFP_NOWARN, __GFP_ZERO, GFP_KERNEL } from '../gfp_types.js';
import { hex8, PAGE_SHIFT, PAGE_SIZE } from '../layout.js';
import { kmsan_alloc } from '../kasan/kmsan.js';
import { mm } from '../mm.js';
import { P_STATE, pfn_to_page, PG_VMALLOC } from '../pages/page.js';
import { __alloc_pages, __free_pages_ok } from '../pages/page_alloc.js';
import type { Page, Ptr, Size } from '../pointer.js';
import { cache_words, NEXT_SEQ, page_words, PAGE_WORDS_SHIFT, u8, initialised } from '../ram.js';
import { here, offset_of } from '../kasan/record.js';
import { format_gfp } from '../show_gfp.js';
import { show_mem } from '../pages/show_mem.js';
import { alloc_static } from '../static_area.js';
import { is_vmalloc_addr, type VmArea, vmalloc_space } from './vmalloc_area.js';
import { warn_once_at } from '../warn.js';

/** Linux: warn_alloc(). What was made to fail is in the log, as there, and is no report: nobody has done anything wrong. */
function vmalloc_error(gfp: number, what: string, injected = false): void {
  if ((gfp & __GFP_NOWARN) !== 0) return;
  const headline = `${this_cpu.current.comm}: vmalloc error: ${what}, mode:${format_gfp(gfp)}, nodemask=(null)`;
  if (!injected) {
    report('page-alloc-failure', headline, show_mem);
    return;
  }
  if (kernel.rules['page-alloc-failure'] === 'off') return;
  const print = (line: string): void => {
    kernel.printk.emit(LOGLEVEL_WARNING, line);
  };
  print(headline);
  dump_stack(print);
}

/** Allocations that were made to fail so far. */
function failures_injected(): number {
  return mm.should_fail_alloc_page === null ? 0 : kernel.faults.injected.length;
}

/** Address of a new area, or 0. Linux: __vmalloc_node_range(). */
export function vmalloc_range(size: number, gfp: number): number {
  if (size === 0) {
    warn_once_at('mm/vmalloc.c:3164', '__vmalloc_node_range');
    return 0;
  }
  const pages = Math.ceil(size / PAGE_SIZE);
  if (pages > mm.ram.pages) {
    vmalloc_error(gfp, `size ${size}, exceeds total pages`);
    return 0;
  }
  if (in_interrupt() !== 0) kernel_bug('mm/vmalloc.c:2554');
  might_alloc(gfp);
  const allocated = here();
  const frames: number[] = [];
  const injected = failures_injected();
  for (let i = 0; i < pages; i++) {
    const pfn = __alloc_pages((gfp & ~__GFP_ZERO) | __GFP_HIGHMEM | __GFP_NOWARN, 0, PAGE_SIZE, PG_VMALLOC);
    if (pfn < 0) {
      for (const frame of frames) __free_pages_ok(frame, 0);
      vmalloc_error(gfp, `size ${pages * PAGE_SIZE}, page order 0, failed to allocate pages`, failures_injected() > injected);
      return 0;
    }
    frames.push(pfn);
  }
  const space = vmalloc_space(mm);
  const page = space.find(pages);
  if (page < 0) {
    for (const frame of frames) __free_pages_ok(frame, 0);
    vmalloc_error(gfp, `size ${pages * PAGE_SIZE}, vm_struct allocation failed`);
    return 0;
  }
  const area: VmArea = { page, pages, size, frames, allocated, seq: cache_words[NEXT_SEQ]!++, jiffies, freed: null };
  space.insert(area);
  const offset = space.offset_of(area);
  if (initialised !== null) kmsan_alloc(offset, pages * PAGE_SIZE, (gfp & __GFP_ZERO) !== 0);
  if ((gfp & __GFP_ZERO) !== 0) u8.fill(0, offset, offset + pages * PAGE_SIZE);
  return space.address_of(area);
}

/**
 * Allocates `size` bytes that are contiguous in address space only, page by page, from HIGHMEM where there is any,
 * with an inaccessible guard page behind. Null where there is no memory. Never from interrupt context: that is a BUG.
 * Context: process, may sleep.
 */
export function vmalloc<T>(size: Size<T>): Ptr<T> | null;
export function vmalloc<T = unknown>(size: number): Ptr<T> | null;
export function vmalloc(size: number): Ptr | null {
  point();
  return pointer(vmalloc_range(as_size('vmalloc', 'size', size), GFP_KERNEL));
}

/** vmalloc() and memory that is all zeros. */
export function vzalloc<T>(size: Size<T>): Ptr<T> | null;
export function vzalloc<T = unknown>(size: number): Ptr<T> | null;
export function vzalloc(size: number): Ptr | null {
  point();
  return pointer(vmalloc_range(as_size('vzalloc', 'size', size), GFP_KERNEL | __GFP_ZERO));
}

/** vmalloc() with flags: those that do not sleep are refused in interrupts all the same. Context: as vmalloc(). */
export function __vmalloc<T>(size: Size<T>, gfp: number): Ptr<T> | null;
export function __vmalloc<T = unknown>(size: number, gfp: number): Ptr<T> | null;
export function __vmalloc(size: number, gfp: number): Ptr | null {
  point();
  check_gfp('__vmalloc', gfp);
  return pointer(vmalloc_range(as_size('__vmalloc', 'size', size), gfp));
}

function pointer(addr: number): Ptr | null {
  return addr === 0 ? null : (addr as Ptr);
}

/**
 * Frees what vmalloc() gave; null is fine. In interrupt context it is done later, by a work item.
 * Context: process, may sleep (also for null), or interrupt.
 */
export function vfree(p: Ptr | null): void {
  point();
  vfree_object(as_address('vfree', p));
}

/** The inner half of vfree() and kvfree(). */
export function vfree_object(addr: number): void {
  if (in_interrupt() === 0) might_sleep_at('mm/vmalloc.c:2858');
  if (addr === 0) return;
  if (in_interrupt() !== 0) vfree_deferred(addr);
  else __vunmap(addr);
}

/** Linux: vfree_atomic(), for the kernel's own callers: it never sleeps. Context: any but NMI. */
export function vfree_atomic(p: Ptr | null): void {
  if (p !== null) vfree_deferred(p);
}

interface Deferred {
  readonly work: work_ptr;
  readonly addresses: number[];
}
const deferred = new WeakMap<object, Deferred>();

function vfree_deferred(addr: number): void {
  let state = deferred.get(mm);
  if (state === undefined) {
    const addresses: number[] = [];
    const work = alloc_static(work_struct.size, work_struct.align, '', 'vfree_deferred') as work_ptr;
    init_work(work, function delayed_vfree_work() {
      for (const each of addresses.splice(0)) __vunmap(each);
    });
    state = { work, addresses };
    deferred.set(mm, state);
  }
  state.addresses.push(addr);
  schedule_work(state.work);
}

function __vunmap(addr: number): void {
  if ((addr & (PAGE_SIZE - 1)) !== 0) {
    report('warn', `Trying to vfree() bad address (${hex8(addr)})\n${warning('mm/vmalloc.c:2754')}`);
    return;
  }
  const space = mm.vmalloc;
  const area = space === null || !is_vmalloc_addr(addr) ? null : space.area_at(offset_of(addr));
  if (space === null || area === null || space.address_of(area) !== addr) {
    report('warn', `Trying to vfree() nonexistent vm area (${hex8(addr)})\n${warning('mm/vmalloc.c:2758')}`);
    return;
  }
  free_hook(addr, area.pages << PAGE_SHIFT);
  space.remove(area, here());
  for (const pfn of area.frames) {
    page_words[(pfn << PAGE_WORDS_SHIFT) + P_STATE]! &= ~PG_VMALLOC;
    __free_pages_ok(pfn, 0);
  }
}

function warning(where: string): string {
  return `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${where} __vunmap`;
}

/**
 * The page behind a vmalloc address; null where none is mapped there. Any other address kills the task
 * (CONFIG_DEBUG_VIRTUAL). Context: any.
 */
export function vmalloc_to_page(p: Ptr): Page | null {
  point();
  const addr = as_address('vmalloc_to_page', p);
  if (!is_vmalloc_addr(addr)) kernel_bug('mm/vmalloc.c:640');
  const space = mm.vmalloc;
  const area = space === null ? null : space.area_at(offset_of(addr));
  const index = area === null || space === null ? -1 : (addr - space.address_of(area)) >>> PAGE_SHIFT;
  const pfn = area?.frames[index];
  return pfn === undefined ? null : pfn_to_page(pfn);
}
