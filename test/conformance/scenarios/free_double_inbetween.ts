// scenario: free_double_inbetween
// family: free
// context: process
// what: kfree a, kfree b, kfree a
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const a = kmalloc(64, GFP_KERNEL);
  const b = kmalloc(64, GFP_KERNEL);
  kfree(a);
  kfree(b);
  kfree(a);
  return 0;
}

ORACLE_MODULE(run);
