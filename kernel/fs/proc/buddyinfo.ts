/** /proc/buddyinfo. Follows mm/vmstat.c, frag_show_print(). */
import { mm } from '../../mm/mm.js';

/** A line for each zone: its free blocks by order, 0 to 10. Context: any. */
export function buddyinfo_show(): string {
  return mm.zones
    .filter((zone) => zone.pages > 0)
    .map((zone) => `Node 0, zone ${zone.name.padStart(8)} ${zone.free_blocks().map((n) => `${String(n).padStart(6)} `).join('')}`)
    .join('\n');
}
