// scenario: sleep_mutex_tasklet
// family: sleep
// context: softirq
// what: mutex_lock in a tasklet
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { ORACLE_MODULE, orc_in_tasklet } from './oracle.js';

const m = DEFINE_MUTEX('m');

function f(): void {
  mutex_lock(m);
  mutex_unlock(m);
}

function run(): number {
  return orc_in_tasklet(f);
}

ORACLE_MODULE(run);
