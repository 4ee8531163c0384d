/** Leak detection: what a module can say of its objects. Linux: include/linux/kmemleak.h. */
export { kmemleak_ignore, kmemleak_no_scan, kmemleak_not_leak } from '../../mm/kmemleak.js';
