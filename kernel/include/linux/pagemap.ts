/** The page cache. Follows include/linux/pagemap.h and page-flags.h; struct address_space of fs.h. */
export {
  DEFINE_ADDRESS_SPACE,
  end_page_writeback,
  filemap_fdatawrite,
  filemap_write_and_wait,
  find_get_page,
  find_or_create_page,
  lock_page,
  mapping_set_error,
  page_index,
  page_mapping,
  PageDirty,
  PageLocked,
  PageUptodate,
  PageWriteback,
  set_page_dirty,
  set_page_writeback,
  SetPageUptodate,
  truncate_inode_pages,
  trylock_page,
  unlock_page,
  wait_on_page_writeback,
} from '../../mm/pages/filemap.js';
export type { address_space, address_space_operations } from '../../mm/pages/page_cache.js';
export { get_page, put_page } from '../../mm/pages/page_ref.js';
