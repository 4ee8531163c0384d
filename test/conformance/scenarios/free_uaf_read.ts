// scenario: free_uaf_read
// family: free
// context: process
// what: read after kfree
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { load_s8 } from 'ringzero/linux/types';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  const p = kmalloc(64, GFP_KERNEL)!;
  kfree(p);
  say('byte %d', load_s8(p + 3));
  return 0;
}

ORACLE_MODULE(run);
