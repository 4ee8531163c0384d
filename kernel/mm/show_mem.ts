/** The memory table of an allocation failure. Linux: lib/show_mem.c, mm/page_alloc.c (show_free_areas(), warn_alloc()). */
import { this_cpu } from '../arch/cpu.js';
import { report, type Print } from '../debug/report.js';
import { __GFP_NOWARN } from './gfp_types.js';
import { mm } from './mm.js';
import { format_gfp } from './show_gfp.js';
import { slab_pages } from './slab_stat.js';

const kb = (pages: number): string => `${pages * 4}kB`;

/** Prints the state of all zones. Context: any. */
export function show_mem(print: Print): void {
  const free = mm.zones.reduce((sum, zone) => sum + zone.free_pages, 0);
  print('Mem-Info:');
  print(` slab_unreclaimable:${slab_pages()} free:${free}`);
  for (const zone of mm.zones) {
    if (zone.pages === 0) continue;
    print(`${zone.name} free:${kb(zone.free_pages)} min:${kb(zone.min)} low:${kb(zone.low)} high:${kb(zone.high)} present:${kb(zone.pages)} managed:${kb(zone.pages)}`);
    print(`lowmem_reserve[]: ${zone.lowmem_reserve.join(' ')}`);
  }
  for (const zone of mm.zones) {
    if (zone.pages === 0) continue;
    const blocks = zone.free_blocks().map((n, order) => `${n}*${kb(1 << order)}`);
    print(`${zone.name}: ${blocks.join(' ')} = ${kb(zone.free_pages)}`);
  }
  const highmem = mm.zones[2].pages;
  print(`${mm.ram.pages} pages RAM`);
  print(`${highmem} pages HighMem/MovableOnly`);
}

/** An allocation has failed and was not told to be quiet about it. */
export function warn_alloc(gfp: number, order: number): void {
  if ((gfp & __GFP_NOWARN) !== 0) return;
  report('page-alloc-failure', `${this_cpu.current.comm}: page allocation failure: order:${order}, mode:${format_gfp(gfp)}, nodemask=(null)`, show_mem);
}
