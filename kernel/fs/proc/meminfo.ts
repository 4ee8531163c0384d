/** /proc/meminfo. Follows fs/proc/meminfo.c, meminfo_proc_show(). */
import { PAGE_SHIFT, ZONE_HIGHMEM } from '../../mm/layout.js';
import { mm } from '../../mm/mm.js';
import { slab_pages } from '../../mm/slab/slab_stat.js';

/** Memory that could be had without going below the high marks. Follows mm/page_alloc.c, si_mem_available(). */
function available(free: number, file: number): number {
  const wmark_low = mm.zones.reduce((sum, zone) => sum + zone.low, 0);
  const reserve = mm.zones.reduce((sum, zone) => sum + Math.min(zone.pages, zone.high + Math.max(...zone.lowmem_reserve)), 0);
  return Math.max(0, free - reserve + (file - Math.min(Math.floor(file / 2), wmark_low)));
}

/** Linux's lines in Linux's order, in kB; what the machine does not have is 0. Context: any. */
export function meminfo_show(): string {
  const { reclaim, zones } = mm;
  const total = zones.reduce((sum, zone) => sum + zone.pages, 0);
  const free = zones.reduce((sum, zone) => sum + zone.nr_free, 0);
  const high = zones[ZONE_HIGHMEM];
  const file = reclaim.lru.size;
  const slab = slab_pages();
  const vmalloc = mm.vmalloc === null ? 0 : mm.vmalloc.areas.reduce((sum, area) => sum + area.pages, 0);
  const rows: readonly (readonly [name: string, pages: number])[] = [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', available(free, file)],
    ['Buffers', [...reclaim.lru.values()].filter((page) => page.mapping.bdev !== null).length],
    ['Cached', [...reclaim.lru.values()].filter((page) => page.mapping.bdev === null).length],
    ['SwapCached', 0],
    ['Active', 0],
    ['Inactive', file],
    ['Active(anon)', 0],
    ['Inactive(anon)', 0],
    ['Active(file)', 0],
    ['Inactive(file)', file],
    ['Unevictable', 0],
    ['Mlocked', 0],
    ['HighTotal', high.pages],
    ['HighFree', high.nr_free],
    ['LowTotal', total - high.pages],
    ['LowFree', free - high.nr_free],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Dirty', reclaim.nr_dirty],
    ['Writeback', reclaim.nr_writeback],
    ['AnonPages', 0],
    ['Mapped', 0],
    ['Shmem', 0],
    ['KReclaimable', 0],
    ['Slab', slab],
    ['SReclaimable', 0],
    ['SUnreclaim', slab],
    ['KernelStack', 0],
    ['PageTables', 0],
    ['SecPageTables', 0],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', Math.floor(total / 2)],
    ['Committed_AS', 0],
    ['VmallocTotal', mm.ram.window_pages],
    ['VmallocUsed', vmalloc],
    ['VmallocChunk', 0],
  ];
  return rows.map(([name, pages]) => `${`${name}:`.padEnd(16)}${String(pages << (PAGE_SHIFT - 10)).padStart(8)} kB`).join('\n');
}
