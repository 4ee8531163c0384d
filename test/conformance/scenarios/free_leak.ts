// scenario: free_leak
// family: free
// context: process
// what: object still unreferenced at rmmod (kmemleak scan)
import { GFP_KERNEL, kmalloc } from 'ringzero/linux/slab';
import { memset } from 'ringzero/linux/string';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const p = kmalloc(96, GFP_KERNEL)!;
  memset(p, 0xa5, 96);
  return 0;
}

ORACLE_MODULE(run);
