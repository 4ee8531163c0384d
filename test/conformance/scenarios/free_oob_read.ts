// scenario: free_oob_read
// family: free
// context: process
// what: read one byte past the end of kmalloc(63)
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { load_s8 } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

function run(): number {
  const p = kzalloc(63, GFP_KERNEL)!;
  say('byte %d', load_s8(p + 63 + orc_zero));
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
