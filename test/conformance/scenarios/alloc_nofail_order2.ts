// scenario: alloc_nofail_order2
// family: alloc
// context: process
// what: alloc_pages(GFP_KERNEL|__GFP_NOFAIL, order 2)
import { alloc_pages, __free_pages, GFP_KERNEL, __GFP_NOFAIL } from 'ringzero/linux/slab';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  const p = alloc_pages(GFP_KERNEL | __GFP_NOFAIL, 2);
  say('p %s', p !== null ? 'ok' : 'NULL');
  if (p !== null) __free_pages(p, 2);
  return 0;
}

ORACLE_MODULE(run);
