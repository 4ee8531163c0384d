// scenario: free_oob_left
// family: free
// context: process
// what: write one byte before the object
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { store_u8 } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_zero } from './oracle.js';

function run(): number {
  const p = kzalloc(64, GFP_KERNEL)!;
  store_u8(p - 1 - orc_zero, 1);
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
