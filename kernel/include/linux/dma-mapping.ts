/** Memory for devices. Linux: include/linux/dma-mapping.h, dma-direction.h. */
export {
  dma_alloc_coherent,
  dma_free_coherent,
  dma_map_single,
  dma_mapping_error,
  dma_set_coherent_mask,
  dma_set_mask,
  dma_set_mask_and_coherent,
  dma_sync_single_for_cpu,
  dma_sync_single_for_device,
  dma_unmap_single,
} from '../../dma/mapping.js';
export { DMA_BIDIRECTIONAL, DMA_FROM_DEVICE, DMA_NONE, DMA_TO_DEVICE } from '../../dma/debug.js';
export { device, DMA_BIT_MASK } from '../../dma/device.js';
export { DMA_MAPPING_ERROR } from '../../dma/direct.js';
export type { CoherentMemory } from '../../dma/mapping.js';
