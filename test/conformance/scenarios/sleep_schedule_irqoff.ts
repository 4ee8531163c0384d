// scenario: sleep_schedule_irqoff
// family: sleep
// context: irqs off
// what: schedule() with interrupts disabled
import { local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { schedule } from 'ringzero/linux/sched';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  local_irq_disable();
  schedule();
  local_irq_enable();
  return 0;
}

ORACLE_MODULE(run);
