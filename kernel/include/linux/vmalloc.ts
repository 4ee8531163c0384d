/** Memory that is contiguous in address space only. Linux: include/linux/vmalloc.h. */
export { __vmalloc, vfree, vmalloc, vmalloc_to_page, vzalloc } from '../../mm/vmalloc/vmalloc.js';
export { is_vmalloc_addr } from '../../mm/vmalloc/vmalloc_area.js';
