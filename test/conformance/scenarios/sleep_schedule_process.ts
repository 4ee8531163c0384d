// scenario: sleep_schedule_process
// family: sleep
// context: process
// what: schedule() in process context
import { schedule } from 'ringzero/linux/sched';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  schedule();
  return 0;
}

ORACLE_MODULE(run);
