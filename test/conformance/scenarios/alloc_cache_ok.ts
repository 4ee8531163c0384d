// scenario: alloc_cache_ok
// family: alloc
// context: process
// what: kmem_cache create, alloc, free, destroy
import { GFP_KERNEL, kmem_cache_alloc, kmem_cache_create, kmem_cache_destroy, kmem_cache_free } from 'ringzero/linux/slab';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const c = kmem_cache_create('orc_cache', 40, 0, 0, null)!;
  const p = kmem_cache_alloc(c, GFP_KERNEL)!;
  kmem_cache_free(c, p);
  kmem_cache_destroy(c);
  return 0;
}

ORACLE_MODULE(run);
