// scenario: sleep_might_sleep_process
// family: sleep
// context: process
// what: might_sleep in process context
import { might_sleep } from 'ringzero/linux/sched';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  might_sleep();
  return 0;
}

ORACLE_MODULE(run);
