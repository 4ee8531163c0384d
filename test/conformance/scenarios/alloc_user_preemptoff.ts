// scenario: alloc_user_preemptoff
// family: alloc-context
// context: preempt off
// what: kmalloc(64, GFP_USER) in context: preempt off
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { GFP_USER, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  preempt_disable();
  const p = kmalloc(64, GFP_USER);
  preempt_enable();
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
