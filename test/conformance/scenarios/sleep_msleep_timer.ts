// scenario: sleep_msleep_timer
// family: sleep
// context: softirq
// what: msleep in a timer callback
import { msleep } from 'ringzero/linux/delay';
import { ORACLE_MODULE, orc_in_timer } from './oracle.js';

function f(): void {
  msleep(10);
}

function run(): number {
  return orc_in_timer(f);
}

ORACLE_MODULE(run);
