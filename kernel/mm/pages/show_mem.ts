/** The memory table of an allocation failure. Linux: lib/show_mem.c, mm/page_alloc.c (show_free_areas(), warn_alloc()). */
import { this_cpu } from '../../arch/cpu.js';
import { kernel } from '../../current.js';
import { report, type Print } from '../../debug/report.js';
import { HZ } from '../../include/linux/jiffies.js';
import { LOGLEVEL_WARNING } from '../../printk/levels.js';
import { __GFP_NOWARN } from '../gfp_types.js';
import { mm } from '../mm.js';
import { format_gfp } from '../show_gfp.js';
import { slab_pages } from '../slab/slab_stat.js';
import type { Zone } from './zone.js';

const kb = (pages: number): string => `${pages * 4}kB`;

/** Failures that are told of in a window of time; Linux 6.1 tells of one in ten seconds, the Linux of the book of these. */
const BURST = 10;
const INTERVAL_S = 5;

/** Prints the state of all zones. Context: any. */
export function show_mem(print: Print): void {
  const { reclaim, zones } = mm;
  const sum = (of: (zone: Zone) => number): number => zones.reduce((all, zone) => all + of(zone), 0);
  const file = reclaim.lru.size;
  print('Mem-Info:');
  print('active_anon:0 inactive_anon:0 isolated_anon:0');
  print(` active_file:0 inactive_file:${file} isolated_file:0`);
  print(` unevictable:0 dirty:${reclaim.nr_dirty} writeback:${reclaim.nr_writeback}`);
  print(` slab_reclaimable:0 slab_unreclaimable:${slab_pages()}`);
  print(` free:${sum((zone) => zone.nr_free)} free_pcp:${sum((zone) => zone.pcp.total())} free_cma:0`);
  for (const zone of zones) {
    if (zone.pages === 0) continue;
    const local = this_cpu.id < 0 ? 0 : zone.pcp.count(this_cpu.id);
    print(
      `${zone.name} free:${kb(zone.nr_free)} boost:0kB min:${kb(zone.min)} low:${kb(zone.low)} high:${kb(zone.high)} reserved_highatomic:0KB ` +
        `present:${kb(zone.pages)} managed:${kb(zone.pages)} mlocked:0kB bounce:0kB free_pcp:${kb(zone.pcp.total())} local_pcp:${kb(local)} free_cma:0kB`,
    );
    print(`lowmem_reserve[]: ${zone.lowmem_reserve.join(' ')}`);
  }
  for (const zone of zones) {
    if (zone.pages === 0) continue;
    const blocks = zone.free_blocks().map((n, order) => `${n}*${kb(1 << order)}`);
    print(`${zone.name}: ${blocks.join(' ')} = ${kb(zone.nr_free)}`);
  }
  print(`${file} total pagecache pages`);
  print(`${mm.ram.pages} pages RAM`);
  print(`${zones[2].pages} pages HighMem/MovableOnly`);
  print('0 pages reserved');
}

/** Whether another failure may be told of. Linux: lib/ratelimit.c, ___ratelimit(). */
function may_warn(): boolean {
  const { reclaim } = mm;
  const now = kernel.time.ticks;
  if (reclaim.warned_since < 0 || now - reclaim.warned_since >= INTERVAL_S * HZ) {
    if (reclaim.warnings_missed > 0) kernel.printk.emit(LOGLEVEL_WARNING, `warn_alloc: ${reclaim.warnings_missed} callbacks suppressed`);
    reclaim.warned_since = now;
    reclaim.warned = 0;
    reclaim.warnings_missed = 0;
  }
  if (reclaim.warned < BURST) {
    reclaim.warned++;
    return true;
  }
  reclaim.warnings_missed++;
  return false;
}

/** An allocation has failed and was not told to be quiet about it. */
export function warn_alloc(gfp: number, order: number): void {
  if ((gfp & __GFP_NOWARN) !== 0 || !may_warn()) return;
  report('page-alloc-failure', `${this_cpu.current.comm}: page allocation failure: order:${order}, mode:${format_gfp(gfp)}, nodemask=(null)`, show_mem);
}
