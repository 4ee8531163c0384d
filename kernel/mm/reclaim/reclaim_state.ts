/** What reclaim knows of one machine. Linux: include/linux/mmzone.h, struct pglist_data; mm/vmscan.c. */
import type { task_struct } from '../../arch/task.js';
import type { CachedPage } from '../pages/page_cache.js';
import type { RegisteredShrinker } from './shrinker.js';

export class ReclaimState {
  /** In order of registration. */
  readonly shrinkers: RegisteredShrinker[] = [];
  /** Pages of the page cache by frame, the least recently used first. */
  readonly lru = new Map<number, CachedPage>();
  nr_dirty = 0;
  nr_writeback = 0;
  /** Tasks that wait for pages to come free or to be written. Linux: pgdat->reclaim_wait. */
  readonly waiting: task_struct[] = [];
  /** Pages that direct reclaim and kswapd have freed, and how often each has run. Linux: /proc/vmstat. */
  pgsteal_direct = 0;
  pgsteal_kswapd = 0;
  allocstall = 0;
  pageoutrun = 0;

  kswapd: task_struct | null = null;
  kswapd_wanted = false;
  /** Runs in a row in which kswapd freed nothing: past a number of them it is not woken any more. */
  kswapd_failures = 0;

  /** When the present window of failure reports began, in ticks; how many it has had and how many were held back. */
  warned_since = -1;
  warned = 0;
  warnings_missed = 0;
}
