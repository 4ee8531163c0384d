// scenario: free_uaf_write
// family: free
// context: process
// what: write after kfree
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { store_u8 } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const p = kmalloc(64, GFP_KERNEL)!;
  kfree(p);
  store_u8(p + 3, 1);
  return 0;
}

ORACLE_MODULE(run);
