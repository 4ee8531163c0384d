// scenario: sleep_mutex_under_mutex
// family: sleep
// context: mutex
// what: two different mutexes nested
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { ORACLE_MODULE } from './oracle.js';

const a = DEFINE_MUTEX('a');
const b = DEFINE_MUTEX('b');

function run(): number {
  mutex_lock(a);
  mutex_lock(b);
  mutex_unlock(b);
  mutex_unlock(a);
  return 0;
}

ORACLE_MODULE(run);
