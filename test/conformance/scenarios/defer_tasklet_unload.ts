// scenario: defer_tasklet_unload
// family: defer
// context: module exit
// what: module goes with a tasklet scheduled (bh off until the module is gone is not possible: rearming tasklet)
import { DECLARE_TASKLET, tasklet_schedule } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE } from './oracle.js';

const t = DECLARE_TASKLET('t', () => {
  tasklet_schedule(t);
});

function run(): number {
  tasklet_schedule(t);
  return 0;
}

ORACLE_MODULE(run);
