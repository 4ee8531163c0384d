/** kmalloc() and its family. Linux: include/linux/slab.h, which includes gfp.h as here. */
export * from './gfp.js';
export { KMALLOC_MAX_CACHE_SIZE, KMALLOC_MAX_SIZE, KMALLOC_MIN_SIZE, kfree, kmalloc, kzalloc } from '../../mm/kmalloc.js';
export { kcalloc, kfree_sensitive, kmalloc_array, krealloc, ksize } from '../../mm/slab_common.js';
export { ZERO_SIZE_PTR } from '../../mm/layout.js';
