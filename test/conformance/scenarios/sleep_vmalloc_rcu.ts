// scenario: sleep_vmalloc_rcu
// family: sleep
// context: rcu
// what: vmalloc inside rcu_read_lock
import { rcu_read_lock, rcu_read_unlock } from 'ringzero/linux/rcupdate';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  rcu_read_lock();
  const p = vmalloc(8192);
  rcu_read_unlock();
  vfree(p);
  return 0;
}

ORACLE_MODULE(run);
