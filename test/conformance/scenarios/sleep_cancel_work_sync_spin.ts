// scenario: sleep_cancel_work_sync_spin
// family: sleep
// context: spinlock
// what: cancel_work_sync of an idle work under a spinlock
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { cancel_work_sync, DECLARE_WORK } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');
const wk = DECLARE_WORK('wk', () => undefined);

function run(): number {
  spin_lock(l);
  cancel_work_sync(wk);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
