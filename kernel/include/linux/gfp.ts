/** Allocation flags and pages. Linux: include/linux/gfp.h. */
export * from '../../mm/gfp_types.js';
export {
  __free_page,
  __free_pages,
  __get_free_page,
  __get_free_pages,
  alloc_page,
  alloc_pages,
  free_page,
  free_pages,
  get_zeroed_page,
} from '../../mm/pages/page_api.js';
export { alloc_pages_exact, free_pages_exact } from '../../mm/pages/page_ref.js';
