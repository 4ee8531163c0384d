// scenario: sleep_completion_spin
// family: sleep
// context: spinlock
// what: wait_for_completion of a done completion under a spinlock
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const c = DECLARE_COMPLETION('c');
const l = DEFINE_SPINLOCK('l');

function run(): number {
  complete(c);
  spin_lock(l);
  wait_for_completion(c);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
