// scenario: irq_disable_lock_deadlock
// family: irq
// context: spinlock
// what: disable_irq under the spinlock that the handler is waiting for on the other cpu
import { IS_ERR } from 'ringzero/linux/err';
import { EIO } from 'ringzero/linux/errno';
import { disable_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { kthread_bind, kthread_create } from 'ringzero/linux/kthread';
import { cpu_relax } from 'ringzero/linux/processor';
import { wake_up_process } from 'ringzero/linux/sched';
import { get_cpu, put_cpu } from 'ringzero/linux/smp';
import { DEFINE_RAW_SPINLOCK, raw_spin_lock, raw_spin_lock_irqsave, raw_spin_unlock, raw_spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, orc_fire, orc_irq_new } from './oracle.js';

const a = {};
const l = DEFINE_RAW_SPINLOCK('l');
let irq = 0;
const inside = { handler: false };

function h(): irqreturn_t {
  inside.handler = true;
  raw_spin_lock(l);
  raw_spin_unlock(l);
  return IRQ_HANDLED;
}

function thr(): number {
  orc_fire(irq);
  return 0;
}

function run(): number {
  irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', a) !== 0) return -EIO;
  const t = kthread_create(thr, null, 'fire');
  if (IS_ERR(t)) return -EIO;
  const cpu = get_cpu();
  kthread_bind(t, cpu === 0 ? 1 : 0);
  put_cpu();
  const f = raw_spin_lock_irqsave(l);
  wake_up_process(t);
  while (!inside.handler) cpu_relax();
  disable_irq(irq);
  raw_spin_unlock_irqrestore(l, f);
  return 0;
}

ORACLE_MODULE(run);
