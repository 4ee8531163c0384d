/** High memory. Follows include/linux/highmem.h. */
export {
  clear_highpage,
  copy_highpage,
  kmap,
  kmap_atomic,
  kmap_local_page,
  kmap_to_page,
  kunmap,
  kunmap_atomic,
  kunmap_local,
  LAST_PKMAP,
  memcpy_from_page,
  memcpy_to_page,
  PageHighMem,
} from '../../mm/pages/highmem.js';
