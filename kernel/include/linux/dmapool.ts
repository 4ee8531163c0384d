/** Pools of small coherent blocks. Linux: include/linux/dmapool.h. */
export { dma_pool, dma_pool_alloc, dma_pool_create, dma_pool_destroy, dma_pool_free, dma_pool_zalloc } from '../../mm/dma/dmapool.js';
