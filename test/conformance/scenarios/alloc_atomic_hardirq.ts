// scenario: alloc_atomic_hardirq
// family: alloc-context
// context: hardirq
// what: kmalloc(64, GFP_ATOMIC) in context: hardirq
import { GFP_ATOMIC, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_hardirq, say } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  p = kmalloc(64, GFP_ATOMIC);
}

function run(): number {
  const r = orc_in_hardirq(f);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return r;
}

ORACLE_MODULE(run);
