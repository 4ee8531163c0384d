// scenario: defer_tasklet_kill_spin
// family: defer
// context: spinlock
// what: tasklet_kill of an idle tasklet under a spinlock
import { DECLARE_TASKLET, tasklet_kill } from 'ringzero/linux/interrupt';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const t = DECLARE_TASKLET('t', () => undefined);
const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  tasklet_kill(t);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
