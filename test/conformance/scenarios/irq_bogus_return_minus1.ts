// scenario: irq_bogus_return_minus1
// family: irq
// context: hardirq
// what: handler returns -EINVAL
import { msleep } from 'ringzero/linux/delay';
import { EINVAL, EIO } from 'ringzero/linux/errno';
import { free_irq, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_fire, orc_irq_del, orc_irq_new } from './oracle.js';

const h = (): irqreturn_t => -EINVAL as irqreturn_t;
const a = {};

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', a) !== 0) return -EIO;
  orc_fire(irq);
  msleep(20);
  free_irq(irq, a);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
