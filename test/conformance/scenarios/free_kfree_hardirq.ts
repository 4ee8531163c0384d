// scenario: free_kfree_hardirq
// family: free
// context: hardirq
// what: kfree in a hardirq handler
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_hardirq } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  kfree(p);
}

function run(): number {
  p = kmalloc(64, GFP_KERNEL);
  return orc_in_hardirq(f);
}

ORACLE_MODULE(run);
