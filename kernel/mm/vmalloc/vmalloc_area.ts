/**
 * Areas of the vmalloc window: address space and the frames behind it. Linux: mm/vmalloc.c, alloc_vmap_area(),
 * struct vm_struct; include/linux/vmalloc.h.
 *
 * An area's frames come one by one from the page allocator and lie anywhere, as in Linux. Their bytes are kept at the
 * area's own place in the window (ram.ts): the frames are taken and accounted, and an access to the area needs no
 * translation. So a page of an area has one address, the area's.
 */
import { unwind } from '../../arch/callstack.js';
import { format_site } from '../../debug/report.js';
import { PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE } from '../layout.js';
import { mm, type Mm } from '../mm.js';
import { ram } from '../ram.js';
import type { Track } from '../kasan/record.js';
import { KASAN_VMALLOC_INVALID, poison, unpoison } from '../kasan/shadow.js';

/** Freed address space waits for its reuse, so that a use after the free is noticed. Linux: lazy_max_pages(). */
const LAZY_PAGES_MAX = 256;

export interface VmArea {
  /** Page number in the window of its first page. The guard page behind the last is its own, too. */
  readonly page: number;
  readonly pages: number;
  /** Bytes asked for. */
  readonly size: number;
  readonly frames: readonly number[];
  readonly allocated: Track;
  /** Order of allocation, as that of other objects. */
  readonly seq: number;
  readonly jiffies: number;
  freed: Track | null;
}

/** Free stretches and areas of one machine's window. Pages are numbered from the window's start. */
export class VmallocSpace {
  private readonly window_start = ram.window_start;
  private readonly window_pages = ram.window_pages;
  /** Live areas by ascending page. */
  readonly areas: VmArea[] = [];
  /** Live areas and freed ones that wait, by ascending page. */
  private readonly taken: VmArea[] = [];
  /** Freed areas whose address space is not used again yet, the oldest first. */
  private readonly lazy: VmArea[] = [];
  private lazy_pages = 0;
  /** Area of each frame that is part of one. */
  private readonly by_frame = new Map<number, VmArea>();

  /** First page of a free stretch of `pages` and a guard page, or -1. */
  find(pages: number): number {
    const found = this.first_fit(pages + 1);
    if (found >= 0 || this.lazy.length === 0) return found;
    this.purge(0);
    return this.first_fit(pages + 1);
  }

  private first_fit(pages: number): number {
    let at = 0;
    for (const area of this.taken) {
      if (area.page - at >= pages) return at;
      at = area.page + area.pages + 1;
    }
    return at + pages <= this.window_pages ? at : -1;
  }

  /** The area is accessible from now on, its guard page is not. */
  insert(area: VmArea): void {
    for (const list of [this.areas, this.taken]) list.splice(place_in(list, area.page), 0, area);
    for (const pfn of area.frames) this.by_frame.set(pfn, area);
    ram.window_used = Math.max(ram.window_used, area.page + area.pages + 1);
    const offset = this.offset_of(area);
    unpoison(offset, area.pages << PAGE_SHIFT);
    poison(offset + (area.pages << PAGE_SHIFT), PAGE_SIZE, KASAN_VMALLOC_INVALID);
  }

  /** The area's addresses go; its frames are the caller's to free. */
  remove(area: VmArea, by: Track): void {
    this.areas.splice(place_in(this.areas, area.page) - 1, 1);
    for (const pfn of area.frames) this.by_frame.delete(pfn);
    area.freed = by;
    poison(this.offset_of(area), area.pages << PAGE_SHIFT, KASAN_VMALLOC_INVALID);
    this.lazy.push(area);
    this.lazy_pages += area.pages;
    this.purge(LAZY_PAGES_MAX);
  }

  /** Lets go of the oldest freed areas until no more than `pages` of them are left. */
  private purge(pages: number): void {
    while (this.lazy.length > 0 && this.lazy_pages > pages) {
      const oldest = this.lazy.shift()!;
      this.lazy_pages -= oldest.pages;
      this.taken.splice(place_in(this.taken, oldest.page) - 1, 1);
    }
  }

  /** RAM offset of the area's first byte. */
  offset_of(area: VmArea): number {
    return this.window_start + (area.page << PAGE_SHIFT);
  }

  address_of(area: VmArea): number {
    return PAGE_OFFSET + this.offset_of(area);
  }

  /** The live area that holds a RAM offset, its guard page included. Linux: find_vm_area(). */
  area_at(offset: number): VmArea | null {
    return this.holding(this.areas, offset);
  }

  /** The area, freed last, that held a RAM offset. */
  freed_at(offset: number): VmArea | null {
    return this.holding([...this.lazy].reverse(), offset);
  }

  private holding(areas: readonly VmArea[], offset: number): VmArea | null {
    const page = (offset - this.window_start) >> PAGE_SHIFT;
    return areas.find((area) => page >= area.page && page <= area.page + area.pages) ?? null;
  }

  /** Address of a frame that is part of an area; 0 where it is not. */
  address_of_frame(pfn: number): number {
    const area = this.by_frame.get(pfn);
    return area === undefined ? 0 : this.address_of(area) + (area.frames.indexOf(pfn) << PAGE_SHIFT);
  }
}

/** Index of the first area behind a page, in a list by ascending page. */
function place_in(list: readonly VmArea[], page: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.page > page) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Who asked for an area, as Linux's %pS of its caller. */
export function caller_of({ allocated }: VmArea): string {
  const [place] = unwind(allocated.frame, allocated.site);
  return place === undefined ? '(host code)' : format_site(place);
}

/** The machine's vmalloc space, built at its first use. */
export function vmalloc_space(memory: Mm): VmallocSpace {
  memory.vmalloc ??= new VmallocSpace();
  return memory.vmalloc;
}

/** Address of a frame that is part of an area, which is the only one it has; 0 for any other frame. */
export function vmalloc_address(pfn: number): number {
  return mm.vmalloc === null ? 0 : mm.vmalloc.address_of_frame(pfn);
}

/** Whether an address lies in the vmalloc window. Linux: is_vmalloc_addr(). Context: any. */
export function is_vmalloc_addr(p: number | null): boolean {
  const offset = ((p ?? 0) - PAGE_OFFSET) >>> 0;
  return offset >= ram.window_start && offset < ram.window_start + ram.window_pages * PAGE_SIZE;
}
