// scenario: alloc_size0_read
// family: alloc
// context: process
// what: read of one byte through ZERO_SIZE_PTR
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { load_s8 } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

function run(): number {
  const p = kmalloc(orc_zero, GFP_KERNEL)!;
  say('byte %d', load_s8(p));
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
