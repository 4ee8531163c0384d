// scenario: defer_tasklet_kill_hardirq
// family: defer
// context: hardirq
// what: tasklet_kill of an idle tasklet in a hardirq handler
import { DECLARE_TASKLET, tasklet_kill } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_in_hardirq } from './oracle.js';

const t = DECLARE_TASKLET('t', () => undefined);

function f(): void {
  tasklet_kill(t);
}

function run(): number {
  return orc_in_hardirq(f);
}

ORACLE_MODULE(run);
