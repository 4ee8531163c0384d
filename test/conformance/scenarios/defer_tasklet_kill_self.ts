// scenario: defer_tasklet_kill_self
// family: defer
// context: softirq
// what: tasklet_kill from the tasklet's own callback
import { msleep } from 'ringzero/linux/delay';
import { DECLARE_TASKLET, tasklet_kill, tasklet_schedule } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE } from './oracle.js';

const t = DECLARE_TASKLET('t', () => {
  tasklet_kill(t);
});

function run(): number {
  tasklet_schedule(t);
  msleep(100);
  return 0;
}

ORACLE_MODULE(run);
