// scenario: irq_null_both
// family: irq
// context: process
// what: request_irq with handler NULL
import { request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new, say } from './oracle.js';

const a = {};

function run(): number {
  const irq = orc_irq_new();
  const r = request_irq(irq, null, 0, 'o', a);
  say('request_irq %d', r);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
