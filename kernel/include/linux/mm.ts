/** Pages and addresses. Linux: include/linux/mm.h, include/linux/mmzone.h, asm/page.h. */
export * from './gfp.js';
export { MAX_ORDER, PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE, ZONE_DMA, ZONE_HIGHMEM, ZONE_NORMAL, get_order } from '../../mm/layout.js';
export { page_address, page_zonenum, virt_to_page, virt_to_phys } from '../../mm/pages/page_api.js';
export { get_page, page_count, put_page, split_page } from '../../mm/pages/page_ref.js';
export { page_to_pfn, pfn_to_page } from '../../mm/pages/page.js';
export type { Page } from '../../mm/pointer.js';
export { is_vmalloc_addr } from '../../mm/vmalloc/vmalloc_area.js';
export { vmalloc_to_page } from '../../mm/vmalloc/vmalloc.js';
export { kvcalloc, kvfree, kvmalloc, kvmalloc_array, kvzalloc } from '../../mm/util.js';
