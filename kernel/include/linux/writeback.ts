/** Writing dirty pages. Follows include/linux/writeback.h. */
export { AOP_WRITEPAGE_ACTIVATE, WB_SYNC_ALL, WB_SYNC_NONE } from '../../mm/pages/page_cache.js';
export type { writeback_control } from '../../mm/pages/page_cache.js';
