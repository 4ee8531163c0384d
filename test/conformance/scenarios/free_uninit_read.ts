// scenario: free_uninit_read
// family: free
// context: process
// what: read of never-initialised kmalloc memory (no KMSAN here)
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { load_s8 } from 'ringzero/linux/types';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  const p = kmalloc(64, GFP_KERNEL)!;
  say('byte %d', load_s8(p));
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
