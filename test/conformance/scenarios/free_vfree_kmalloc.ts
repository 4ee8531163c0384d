// scenario: free_vfree_kmalloc
// family: free
// context: process
// what: vfree of a kmalloc address
import { GFP_KERNEL, kmalloc } from 'ringzero/linux/slab';
import { vfree } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const orc_sink = kmalloc(4096, GFP_KERNEL);
  vfree(orc_sink);
  return 0;
}

ORACLE_MODULE(run);
