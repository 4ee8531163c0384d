/** Memory pools. Linux: include/linux/mempool.h. */
export {
  mempool_alloc,
  mempool_create,
  mempool_create_kmalloc_pool,
  mempool_create_slab_pool,
  mempool_destroy,
  mempool_exit,
  mempool_free,
  mempool_init,
  mempool_t,
} from '../../mm/slab/mempool.js';
export type { mempool_alloc_t, mempool_free_t } from '../../mm/slab/mempool.js';
