// scenario: alloc_highmem_large
// family: alloc
// context: process
// what: kmalloc(32K, GFP_KERNEL|__GFP_HIGHMEM): large kmalloc path
import { __GFP_HIGHMEM, GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

function run(): number {
  const p = kmalloc(32768 + orc_zero, GFP_KERNEL | __GFP_HIGHMEM);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
