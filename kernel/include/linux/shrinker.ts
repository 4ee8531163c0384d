/** Caches that reclaim can make smaller. Follows include/linux/shrinker.h. */
export { DEFAULT_SEEKS, register_shrinker, SHRINK_EMPTY, SHRINK_STOP, unregister_shrinker } from '../../mm/reclaim/shrinker.js';
export type { shrink_control, shrinker } from '../../mm/reclaim/shrinker.js';
