// scenario: alloc_atomic_threadirq
// family: alloc-context
// context: threaded irq
// what: kmalloc(64, GFP_ATOMIC) in context: threaded irq
import { GFP_ATOMIC, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_threadirq, say } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  p = kmalloc(64, GFP_ATOMIC);
}

function run(): number {
  const r = orc_in_threadirq(f);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return r;
}

ORACLE_MODULE(run);
