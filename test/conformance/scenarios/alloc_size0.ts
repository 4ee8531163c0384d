// scenario: alloc_size0
// family: alloc
// context: process
// what: kmalloc(0) gives ZERO_SIZE_PTR, kfree of it is fine
import { GFP_KERNEL, kfree, kmalloc, ksize } from 'ringzero/linux/slab';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

function run(): number {
  const p = kmalloc(orc_zero, GFP_KERNEL);
  say('kmalloc(0) = %lx, ksize %zu', p, ksize(p));
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
