// scenario: sleep_down_read_spin
// family: sleep
// context: spinlock
// what: down_read of a free rwsem under a spinlock
import { DECLARE_RWSEM, down_read, up_read } from 'ringzero/linux/rwsem';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const s = DECLARE_RWSEM('s');
const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  down_read(s);
  up_read(s);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
