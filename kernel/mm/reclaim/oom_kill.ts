/**
 * Nothing is left. Linux: mm/oom_kill.c, out_of_memory(), dump_header().
 *
 * Linux kills the largest process. The emulated machine has kernel threads and system calls only, none of which can
 * be killed, so Linux's last resort is the first here. Allocations that may fail return null instead: see
 * docs/memory.md.
 */
import { this_cpu } from '../../arch/cpu.js';
import { panic, report } from '../../debug/report.js';
import { format_gfp } from '../show_gfp.js';
import { show_mem } from '../pages/show_mem.js';

/** A __GFP_NOFAIL allocation has waited in vain. Never returns. */
export function out_of_memory(gfp: number, order: number): never {
  report('oom', `${this_cpu.current.comm} invoked oom-killer: gfp_mask=${format_gfp(gfp)}, order=${order}, oom_score_adj=0`, (print) => {
    show_mem(print);
    print('Out of memory and no killable processes...');
  });
  panic('System is deadlocked on memory');
}
