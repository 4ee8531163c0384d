// scenario: defer_tasklet_ok
// family: defer
// context: softirq
// what: tasklet_schedule twice before it runs: one call
import { local_bh_disable, local_bh_enable } from 'ringzero/linux/bottom_half';
import { msleep } from 'ringzero/linux/delay';
import { DECLARE_TASKLET, tasklet_kill, tasklet_schedule } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, say } from './oracle.js';

let n = 0;
const t = DECLARE_TASKLET('t', () => {
  n++;
});

function run(): number {
  local_bh_disable();
  tasklet_schedule(t);
  tasklet_schedule(t);
  local_bh_enable();
  msleep(20);
  say('calls %d', n);
  tasklet_kill(t);
  return 0;
}

ORACLE_MODULE(run);
