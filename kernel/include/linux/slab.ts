/** kmalloc() and its family. Linux: include/linux/slab.h, which includes gfp.h as here. */
export * from './gfp.js';
export { KMALLOC_MAX_CACHE_SIZE, KMALLOC_MAX_SIZE, KMALLOC_MIN_SIZE, kfree, kmalloc, kzalloc } from '../../mm/slab/kmalloc.js';
export { kcalloc, kfree_sensitive, kmalloc_array, krealloc, ksize } from '../../mm/slab/slab_common.js';
export { ZERO_SIZE_PTR } from '../../mm/layout.js';
export { kvcalloc, kvfree, kvmalloc, kvmalloc_array, kvzalloc } from '../../mm/util.js';
export { kmem_cache_alloc, kmem_cache_alloc_bulk, kmem_cache_free, kmem_cache_free_bulk, kmem_cache_zalloc } from '../../mm/slab/slab_api.js';
export { KMEM_CACHE, kmem_cache_create, kmem_cache_destroy, kmem_cache_shrink, kmem_cache_size } from '../../mm/slab/slab_create.js';
export type { cache_ptr, kmem_cache } from '../../mm/slab/slab_create.js';
export * from '../../mm/slab/slab_flags.js';
