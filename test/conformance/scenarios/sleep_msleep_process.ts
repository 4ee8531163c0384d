// scenario: sleep_msleep_process
// family: sleep
// context: process
// what: msleep(10)
import { msleep } from 'ringzero/linux/delay';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  msleep(10);
  return 0;
}

ORACLE_MODULE(run);
