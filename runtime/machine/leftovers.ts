/** What modules have left behind: the question that a leak check asks. */
import { unwind } from '../../kernel/arch/callstack.js';
import { site_of } from '../../kernel/arch/site.js';
import { print_held_locks } from '../../kernel/debug/report.js';
import { for_each_action } from '../../kernel/irq/manage.js';
import type { Kernel } from '../../kernel/kernel.js';
import { for_each_object } from '../../kernel/mm/slab/object.js';
import { owner_of } from '../../kernel/mm/kasan/record.js';

export interface Leftover {
  readonly kind: 'memory' | 'interrupt' | 'timer' | 'lock' | 'context';
  /** What it is and where it came from, in a line. */
  readonly text: string;
}

export function leftovers(kernel: Kernel): readonly Leftover[] {
  const found: Leftover[] = [];
  for_each_object((object) => {
    if (!kernel.kmemleak.is_leak(object.seq)) return;
    const places = unwind(object.frame, object.site).map(site_of);
    const place = places.find((site) => site.file !== '');
    const owner = owner_of(object.frame, object.site);
    const where = place === undefined ? 'host code' : `${place.fn}  ${place.file}:${place.line}`;
    found.push({ kind: 'memory', text: `unreferenced object 0x${object.addr.toString(16)} (size ${object.size}, ${object.cache}), allocated by ${where}${owner === '' ? '' : ` [${owner}]`}` });
  });
  for_each_action((irq, name, owner) => {
    const by = owner === '' ? '' : ` of module ${owner}`;
    found.push({ kind: 'interrupt', text: `irq ${irq} is still requested by '${name}'${by}` });
  });
  kernel.timers.for_each_pending((timer) => {
    found.push({ kind: 'timer', text: `timer 0x${timer.address.toString(16)} is still pending: ${kernel.symbol_of(timer.function)}` });
  });
  for (const task of kernel.sched.tasks.values()) {
    if (task.lockdep_depth === 0) continue;
    print_held_locks((line) => found.push({ kind: 'lock', text: line }), task);
  }
  for (const cpu of kernel.arch.cpus) {
    if (cpu.preempt_count !== 0) found.push({ kind: 'context', text: `CPU ${cpu.id}: preempt_count is ${cpu.preempt_count.toString(16)}` });
  }
  return found;
}
