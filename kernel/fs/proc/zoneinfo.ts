/** /proc/zoneinfo. Follows mm/vmstat.c, zoneinfo_show_print(). */
import { mm } from '../../mm/mm.js';
import type { Zone } from '../../mm/pages/zone.js';

function zone_lines(zone: Zone, first: boolean): string[] {
  const { reclaim } = mm;
  const lines = [`Node 0, zone ${zone.name.padStart(8)}`];
  if (first) {
    lines.push('  per-node stats');
    const stats: readonly (readonly [string, number])[] = [
      ['nr_inactive_anon', 0],
      ['nr_active_anon', 0],
      ['nr_inactive_file', reclaim.lru.size],
      ['nr_active_file', 0],
      ['nr_dirty', reclaim.nr_dirty],
      ['nr_writeback', reclaim.nr_writeback],
    ];
    for (const [name, value] of stats) lines.push(`      ${name.padEnd(12)} ${value}`);
  }
  const marks: readonly (readonly [string, number])[] = [
    ['boost', 0],
    ['min', zone.min],
    ['low', zone.low],
    ['high', zone.high],
    ['spanned', zone.pages],
    ['present', zone.pages],
    ['managed', zone.pages],
    ['cma', 0],
  ];
  lines.push(`  pages free     ${zone.nr_free}`);
  for (const [name, value] of marks) lines.push(`        ${name.padEnd(8)} ${value}`);
  lines.push(`        protection: (${zone.lowmem_reserve.join(', ')})`);
  if (zone.pages === 0) return lines;
  lines.push(`      nr_free_pages ${zone.nr_free}`, '  pagesets');
  for (let cpu = 0; cpu < mm.cpus; cpu++) {
    lines.push(`    cpu: ${cpu}`, `              count: ${zone.pcp.count(cpu)}`, `              high:  ${zone.pcp.high}`, `              batch: ${zone.pcp.batch}`);
  }
  lines.push(`  node_unreclaimable:  ${+(reclaim.kswapd_failures >= 16)}`, `  start_pfn:           ${zone.start}`);
  return lines;
}

/** What each zone has, its marks and what the CPUs keep of it; the first also has what counts for all. Context: any. */
export function zoneinfo_show(): string {
  const first = mm.zones.findIndex((zone) => zone.pages > 0);
  return mm.zones.flatMap((zone, i) => zone_lines(zone, i === first)).join('\n');
}
