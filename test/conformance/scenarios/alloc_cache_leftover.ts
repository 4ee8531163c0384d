// scenario: alloc_cache_leftover
// family: alloc
// context: process
// what: kmem_cache_destroy with one object not freed
import { GFP_KERNEL, kmem_cache_alloc, kmem_cache_create, kmem_cache_destroy } from 'ringzero/linux/slab';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const c = kmem_cache_create('orc_cache', 40, 0, 0, null)!;
  kmem_cache_alloc(c, GFP_KERNEL);
  kmem_cache_destroy(c);
  return 0;
}

ORACLE_MODULE(run);
