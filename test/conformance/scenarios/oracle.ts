/** What the scenarios share: the twin of oracle.h. */
import { complete, DECLARE_COMPLETION, init_completion, wait_for_completion_timeout } from 'ringzero/linux/completion';
import { msleep, udelay } from 'ringzero/linux/delay';
import { IS_ERR, PTR_ERR } from 'ringzero/linux/err';
import { ENODEV } from 'ringzero/linux/errno';
import {
  DECLARE_TASKLET, free_irq, irq_get_irqchip_state, IRQ_HANDLED, irq_set_irqchip_state, IRQ_WAKE_THREAD, IRQCHIP_STATE_PENDING, IRQF_ONESHOT,
  type irqreturn_t, request_irq, request_threaded_irq, tasklet_kill, tasklet_schedule,
} from 'ringzero/linux/interrupt';
import { irq_domain_create_sim, irq_domain_remove_sim } from 'ringzero/linux/irq_sim';
import { irq_create_mapping, irq_dispose_mapping, type irq_domain } from 'ringzero/linux/irqdomain';
import { HZ, jiffies } from 'ringzero/linux/jiffies';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { DEFINE_TIMER, del_timer_sync, mod_timer } from 'ringzero/linux/timer';
import { raw_smp_processor_id } from 'ringzero/linux/smp';
import { DECLARE_WORK, flush_work, schedule_work, work_on_cpu } from 'ringzero/linux/workqueue';

export function say(fmt: string, ...args: unknown[]): void {
  pr_info(`ORACLE: ${fmt}\n`, ...args);
}

/** In C it hides constants from the compiler. */
export const orc_zero = 0;

const orc_dev = {};
const orc_done = DECLARE_COMPLETION('orc_done');
let orc_dom: irq_domain | null = null;
let orc_fn = (): void => undefined;

/** A simulated interrupt line. */
export function orc_irq_new(): number {
  orc_dom ??= irq_domain_create_sim(null, 4);
  if (IS_ERR(orc_dom)) return -ENODEV;
  return irq_create_mapping(orc_dom, 0);
}

export function orc_irq_del(irq: number): void {
  irq_dispose_mapping(irq);
  irq_domain_remove_sim(orc_dom!);
  orc_dom = null;
}

/** Raises the simulated line. */
export function orc_fire(irq: number): void {
  irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true);
  for (let i = 0; i < 50; i++) {
    if (irq_get_irqchip_state(irq, IRQCHIP_STATE_PENDING) !== 1) break;
    udelay(20);
  }
}

function orc_finish(what: string): void {
  if (wait_for_completion_timeout(orc_done, 10 * HZ) === 0) say('%s did not finish', what);
}

function orc_hard_handler(): irqreturn_t {
  orc_fn();
  complete(orc_done);
  return IRQ_HANDLED;
}

/** Runs fn() in a hard interrupt handler. */
export function orc_in_hardirq(fn: () => void): number {
  const irq = orc_irq_new();
  orc_fn = fn;
  init_completion(orc_done);
  const r = request_irq(irq, orc_hard_handler, 0, 'orc', orc_dev);
  if (r !== 0) return r;
  orc_fire(irq);
  orc_finish('handler');
  free_irq(irq, orc_dev);
  orc_irq_del(irq);
  return 0;
}

const orc_wake = (): irqreturn_t => IRQ_WAKE_THREAD;

/** Runs fn() in the thread function of a threaded interrupt. */
export function orc_in_threadirq(fn: () => void): number {
  const irq = orc_irq_new();
  orc_fn = fn;
  init_completion(orc_done);
  const r = request_threaded_irq(irq, orc_wake, orc_hard_handler, IRQF_ONESHOT, 'orc', orc_dev);
  if (r !== 0) return r;
  orc_fire(irq);
  orc_finish('thread function');
  free_irq(irq, orc_dev);
  orc_irq_del(irq);
  return 0;
}

function orc_timer_cb(): void {
  orc_fn();
  complete(orc_done);
}

const orc_timer = DEFINE_TIMER('orc_timer', orc_timer_cb);

/** Runs fn() in a timer callback (softirq). */
export function orc_in_timer(fn: () => void): number {
  orc_fn = fn;
  init_completion(orc_done);
  mod_timer(orc_timer, jiffies + 1);
  orc_finish('timer');
  del_timer_sync(orc_timer);
  return 0;
}

function orc_tasklet_cb(): void {
  orc_fn();
  complete(orc_done);
}

const orc_tasklet = DECLARE_TASKLET('orc_tasklet', orc_tasklet_cb);

/** Runs fn() in a tasklet (softirq). */
export function orc_in_tasklet(fn: () => void): number {
  orc_fn = fn;
  init_completion(orc_done);
  tasklet_schedule(orc_tasklet);
  orc_finish('tasklet');
  tasklet_kill(orc_tasklet);
  return 0;
}

function orc_work_cb(): void {
  orc_fn();
  complete(orc_done);
}

const orc_work = DECLARE_WORK('orc_work', orc_work_cb);

/** Runs fn() in a work item. */
export function orc_in_work(fn: () => void): number {
  orc_fn = fn;
  init_completion(orc_done);
  schedule_work(orc_work);
  orc_finish('work');
  flush_work(orc_work);
  return 0;
}

function orc_thread_fn(): number {
  orc_fn();
  complete(orc_done);
  return 0;
}

/** Runs fn() in a kthread and waits for its end. */
export function orc_in_kthread(fn: () => void): number {
  orc_fn = fn;
  init_completion(orc_done);
  const t = kthread_run(orc_thread_fn, null, 'orc');
  if (IS_ERR(t)) return PTR_ERR(t);
  orc_finish('kthread');
  msleep(100);
  return 0;
}

/** Runs fn(data) on the other CPU, in process context. */
export function orc_on_other_cpu<T>(fn: (data: T) => number, data: T): number {
  return work_on_cpu(raw_smp_processor_id() !== 0 ? 0 : 1, fn, data);
}

/** insmod runs run(), rmmod runs stop(). */
export function ORACLE_MODULE(run: () => number, stop: () => void = () => undefined): void {
  function orc_init(): number {
    return run();
  }
  function orc_exit(): void {
    stop();
  }
  module_init(orc_init);
  module_exit(orc_exit);
  MODULE_LICENSE('Dual MIT/GPL');
}
