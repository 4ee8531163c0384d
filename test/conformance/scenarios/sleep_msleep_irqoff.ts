// scenario: sleep_msleep_irqoff
// family: sleep
// context: irqs off
// what: msleep with local_irq_disable
import { msleep } from 'ringzero/linux/delay';
import { irqs_disabled, local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  local_irq_disable();
  msleep(10);
  say('irqs_disabled after msleep: %d', irqs_disabled());
  local_irq_enable();
  return 0;
}

ORACLE_MODULE(run);
