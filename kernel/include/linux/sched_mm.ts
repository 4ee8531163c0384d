/** Scopes that limit what allocations may do. Follows include/linux/sched/mm.h. */
export { memalloc_nofs_restore, memalloc_nofs_save, memalloc_noio_restore, memalloc_noio_save, memalloc_noreclaim_restore, memalloc_noreclaim_save, might_alloc, PF_MEMALLOC, PF_MEMALLOC_NOFS, PF_MEMALLOC_NOIO } from '../../mm/memalloc.js';
