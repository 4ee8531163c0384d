// scenario: free_kfree_rcu_ok
// family: free
// context: process
// what: kfree_rcu of an object, then rcu_barrier
import { kfree_rcu, rcu_barrier, rcu_head } from 'ringzero/linux/rcupdate';
import { GFP_KERNEL, kmalloc } from 'ringzero/linux/slab';
import { s32, sizeof, struct } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

const s = struct('s', { a: s32, rh: rcu_head });

function run(): number {
  const p = kmalloc(sizeof(s), GFP_KERNEL);
  kfree_rcu(p, 'rh');
  rcu_barrier();
  return 0;
}

ORACLE_MODULE(run);
