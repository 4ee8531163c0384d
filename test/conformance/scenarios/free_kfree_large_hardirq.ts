// scenario: free_kfree_large_hardirq
// family: free
// context: hardirq
// what: kfree of a 64K object in a hardirq handler
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_hardirq, orc_zero } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  kfree(p);
}

function run(): number {
  p = kmalloc(65536 + orc_zero, GFP_KERNEL);
  return orc_in_hardirq(f);
}

ORACLE_MODULE(run);
