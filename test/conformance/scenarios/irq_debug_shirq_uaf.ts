// scenario: irq_debug_shirq_uaf
// family: irq
// context: process
// what: shared handler's data is not ready yet when request_irq runs it (DEBUG_SHIRQ)
import { free_irq, IRQ_NONE, IRQF_SHARED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new } from './oracle.js';

const s: { p: { value: number } | null } = { p: null };
const v = { value: 0 };

function h(_irq: number, d: unknown): irqreturn_t {
  (d as typeof s).p!.value++;
  return IRQ_NONE;
}

function run(): number {
  const irq = orc_irq_new();
  const r = request_irq(irq, h, IRQF_SHARED, 'o', s);
  s.p = v;
  if (r === 0) free_irq(irq, s);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
