// scenario: sleep_mutex_irqoff
// family: sleep
// context: irqs off
// what: mutex_lock with local_irq_disable
import { local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { ORACLE_MODULE } from './oracle.js';

const m = DEFINE_MUTEX('m');

function run(): number {
  local_irq_disable();
  mutex_lock(m);
  mutex_unlock(m);
  local_irq_enable();
  return 0;
}

ORACLE_MODULE(run);
