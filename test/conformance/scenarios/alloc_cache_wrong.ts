// scenario: alloc_cache_wrong
// family: alloc
// context: process
// what: kmem_cache_free to another cache than the object came from
import { GFP_KERNEL, kmem_cache_alloc, kmem_cache_create, kmem_cache_free } from 'ringzero/linux/slab';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const a = kmem_cache_create('orc_a', 40, 0, 0, null)!;
  const b = kmem_cache_create('orc_b', 200, 0, 0, null)!;
  const p = kmem_cache_alloc(a, GFP_KERNEL)!;
  kmem_cache_free(b, p);
  return 0;
}

ORACLE_MODULE(run);
