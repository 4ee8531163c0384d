// scenario: alloc_highmem_small
// family: alloc
// context: process
// what: kmalloc(64, GFP_KERNEL|__GFP_HIGHMEM), one call: object probably from an existing slab
import { __GFP_HIGHMEM, GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  const p = kmalloc(64, GFP_KERNEL | __GFP_HIGHMEM);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
