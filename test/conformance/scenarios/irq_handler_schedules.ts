// scenario: irq_handler_schedules
// family: irq
// context: hardirq
// what: handler schedules a tasklet and a work
import { msleep } from 'ringzero/linux/delay';
import { DECLARE_TASKLET, tasklet_kill, tasklet_schedule } from 'ringzero/linux/interrupt';
import { DECLARE_WORK, flush_work, schedule_work } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE, orc_in_hardirq, say } from './oracle.js';

let n = 0;
const wk = DECLARE_WORK('wk', () => {
  n++;
});
const t = DECLARE_TASKLET('t', () => {
  n++;
});

function f(): void {
  tasklet_schedule(t);
  schedule_work(wk);
}

function run(): number {
  const r = orc_in_hardirq(f);
  msleep(50);
  flush_work(wk);
  tasklet_kill(t);
  say('ran %d', n);
  return r;
}

ORACLE_MODULE(run);
