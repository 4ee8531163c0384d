// scenario: alloc_nofs_spin
// family: alloc-context
// context: spinlock
// what: kmalloc(64, GFP_NOFS) in context: spinlock
import { GFP_NOFS, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, say } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  const p = kmalloc(64, GFP_NOFS);
  spin_unlock(l);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
