// scenario: alloc_nofs_spinbh
// family: alloc-context
// context: spinlock bh
// what: kmalloc(64, GFP_NOFS) in context: spinlock bh
import { GFP_NOFS, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock_bh, spin_unlock_bh } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, say } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock_bh(l);
  const p = kmalloc(64, GFP_NOFS);
  spin_unlock_bh(l);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
