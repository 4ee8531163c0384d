// scenario: free_double
// family: free
// context: process
// what: kfree twice
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const p = kmalloc(64, GFP_KERNEL);
  kfree(p);
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
