/**
 * Requesting and freeing interrupt lines. Follows kernel/irq/manage.c; the order of its checks is Linux's.
 *
 * Each call is one step after its preemption point, as under desc->lock; only free_irq() sleeps in the middle, and
 * holds the line's request_mutex meanwhile.
 */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { TASK_NORMAL, TASK_UNINTERRUPTIBLE } from '../arch/task.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { EBUSY, EINVAL, ENOTCONN } from '../include/linux/errno.js';
import { irq_restore, raw_local_irq_save } from '../include/linux/irqflags.js';
import { IRQ_NONE, IRQ_WAKE_THREAD, type irqreturn_t } from '../include/linux/irqreturn.js';
import { in_interrupt } from '../include/linux/preempt.js';
import { shown } from '../lib/shown.js';
import { GFP_KERNEL } from '../mm/gfp_types.js';
import { call_handler } from '../module/call.js';
import { calling_module, note_callback } from '../module/owner.js';
import { LOGLEVEL_ERR } from '../printk/levels.js';
import { might_alloc, might_sleep_at } from '../sched/might_sleep.js';
import { __irq_set_trigger, irq_first_startup, irq_shutdown, irq_startup } from './chip.js';
import { __synchronize_hardirq } from './enable.js';
import { deliver_pending } from './handle.js';
import {
  IRQ_NOAUTOEN, IRQ_NOREQUEST, IRQ_NOTCONNECTED, IRQF_COND_SUSPEND, IRQF_IRQPOLL, IRQF_NO_AUTOEN, IRQF_NO_SUSPEND, IRQF_NOBALANCING,
  IRQF_ONESHOT, IRQF_PERCPU, IRQF_PROBE_SHARED, IRQF_SHARED, IRQF_TIMER, IRQF_TRIGGER_MASK,
} from './flags.js';
import { type irq_desc, type irq_handler_t, irqaction } from './irqdesc.js';
import { __irq_wake_thread, setup_irq_thread, stop_irq_thread } from './thread.js';

/** Threads of a one-shot line that can be told apart. */
const ONESHOT_THREADS_MAX = 32;

/** What line 0 is taken by: the tick of the machine, which comes by another way. */
export const timer_action = new irqaction(0, () => IRQ_NONE, null, IRQF_TIMER | IRQF_NOBALANCING | IRQF_IRQPOLL, 'timer', null, '');

/** The hard half of a handler that has none. */
function irq_default_primary_handler(_irq: number, _dev_id: unknown): irqreturn_t {
  return IRQ_WAKE_THREAD;
}

/**
 * Takes a line: `handler(irq, dev_id)` runs at each interrupt, in hard interrupt context. `dev_id` is any value; a
 * shared line wants one that is not null, for it is what free_irq() tells handlers apart by.
 * Returns 0, -EINVAL (no such line, no handler, IRQF_SHARED without dev_id, a trigger that the line does not have) or
 * -EBUSY (somebody has the line and does not share it in the same way). Context: process, may sleep.
 */
export function request_irq(irq: number, handler: irq_handler_t | null, flags: number, name: string, dev_id: unknown): number {
  return request_threaded_irq(irq, handler, null, flags, name, dev_id);
}

/**
 * As request_irq(), with a function that runs in a thread of its own, `irq/NR-NAME`, whenever `handler` returns
 * IRQ_WAKE_THREAD. Without a handler every interrupt wakes the thread, and IRQF_ONESHOT is needed.
 * Returns as request_irq(). Context: process, may sleep.
 */
export function request_threaded_irq(
  irq: number,
  handler: irq_handler_t | null,
  thread_fn: irq_handler_t | null,
  flags: number,
  name: string,
  dev_id: unknown,
): number {
  point();
  // What C's compiler would have refused. A function that is forgotten in JavaScript is undefined.
  if (!Number.isInteger(irq)) throw new TypeError(`request_irq: irq must be an integer, got ${shown(irq)}`);
  for (const fn of [handler ?? null, thread_fn ?? null]) {
    if (fn !== null && typeof fn !== 'function') throw new TypeError(`request_irq: the handler must be a function or null, got ${shown(fn)}`);
  }
  if (irq === IRQ_NOTCONNECTED) return -ENOTCONN;
  const nobody = dev_id === null || dev_id === undefined || dev_id === 0;
  const shared = (flags & IRQF_SHARED) !== 0;
  if (shared && nobody) return -EINVAL;
  if (shared && (flags & IRQF_NO_AUTOEN) !== 0) return -EINVAL;
  if (!shared && (flags & IRQF_COND_SUSPEND) !== 0) return -EINVAL;
  if ((flags & IRQF_NO_SUSPEND) !== 0 && (flags & IRQF_COND_SUSPEND) !== 0) return -EINVAL;
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc === null || (desc.status & IRQ_NOREQUEST) !== 0) return -EINVAL;
  const hard = handler ?? null;
  const threaded = thread_fn ?? null;
  if (hard === null && threaded === null) return -EINVAL;
  might_alloc(GFP_KERNEL);
  note_callback(hard);
  note_callback(threaded);
  request_mutex_wait(desc);
  const action = new irqaction(irq, hard ?? irq_default_primary_handler, threaded, flags, name, dev_id ?? null, calling_module());
  const err = __setup_irq(desc, action);
  if (err === 0) deliver_pending();
  return err;
}

/** As request_irq(); tells by IRQC_IS_HARDIRQ (0) that the handler runs in hard interrupt context. Context: process, may sleep. */
export function request_any_context_irq(irq: number, handler: irq_handler_t, flags: number, name: string, dev_id: unknown): number {
  return request_irq(irq, handler, flags, name, dev_id);
}

function __setup_irq(desc: irq_desc, action: irqaction): number {
  const { irq } = desc;
  if ((action.flags & IRQF_TRIGGER_MASK) === 0) action.flags |= desc.trigger;
  const [old] = desc.actions;
  if (old !== undefined && !may_share(desc, old, action)) {
    if ((action.flags & IRQF_PROBE_SHARED) === 0) {
      const hex = (flags: number): string => (flags >>> 0).toString(16).padStart(8, '0');
      say(`Flags mismatch irq ${irq}. ${hex(action.flags)} (${action.name}) vs. ${hex(old.flags)} (${old.name})`);
    }
    return -EBUSY;
  }
  if ((action.flags & IRQF_ONESHOT) !== 0) {
    const taken = desc.actions.reduce((mask, other) => mask | other.thread_mask, 0);
    if (desc.actions.length >= ONESHOT_THREADS_MAX) return -EBUSY;
    action.thread_mask = ~taken & -~taken;
  } else if (action.handler === irq_default_primary_handler) {
    // A level line would come again at once, before its thread could quiet it, for ever.
    say(`Threaded irq requested with handler=NULL and !ONESHOT for ${action.name} (irq ${irq})`);
    return -EINVAL;
  }
  if (old === undefined) {
    const err = start_line(desc, action);
    if (err !== 0) return err;
  }
  if (action.thread_fn !== null) setup_irq_thread(desc, action);
  desc.actions = [...desc.actions, action];
  desc.irq_count = 0;
  desc.irqs_unhandled = 0;
  if (old === undefined && (action.flags & IRQF_NO_AUTOEN) === 0 && (desc.status & IRQ_NOAUTOEN) === 0) irq_first_startup(desc);
  if (old !== undefined && desc.spurious_disabled) {
    // Perhaps the newcomer knows the device that nobody cared for.
    desc.spurious_disabled = false;
    if (--desc.depth === 0) irq_startup(desc);
  }
  if (action.thread !== null) kernel.sched.wake_up_new_task(action.thread);
  return 0;
}

function may_share(desc: irq_desc, old: irqaction, action: irqaction): boolean {
  const trigger = action.flags & IRQF_TRIGGER_MASK;
  return (
    (old.flags & action.flags & IRQF_SHARED) !== 0 &&
    // Where the first did not say how the line works, the next one may.
    (desc.trigger === trigger || (desc.trigger === 0 && __irq_set_trigger(desc, trigger) === 0)) &&
    ((old.flags ^ action.flags) & (IRQF_ONESHOT | IRQF_PERCPU)) === 0
  );
}

/** The first handler decides how the line works. */
function start_line(desc: irq_desc, action: irqaction): number {
  const trigger = action.flags & IRQF_TRIGGER_MASK;
  if (trigger !== 0 && trigger !== desc.trigger) {
    const err = __irq_set_trigger(desc, trigger);
    if (err !== 0) return err;
  }
  desc.spurious_disabled = false;
  desc.spurious_deferred = false;
  desc.oneshot = (action.flags & IRQF_ONESHOT) !== 0;
  desc.threads_oneshot = 0;
  desc.depth = 1;
  return 0;
}

/**
 * Gives a line back: the handler that was requested with `dev_id` never runs again once it returns; a run on
 * another CPU and the handler's thread are waited for. A shared handler is called once more, to show whether its
 * driver is prepared for that (CONFIG_DEBUG_SHIRQ).
 * Returns the name it was requested under, or null where there is no such handler. Context: process, may sleep.
 */
export function free_irq(irq: number, dev_id: unknown): string | null {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc === null) return null;
  if (in_interrupt() !== 0) report('irq', `Trying to free IRQ ${irq} from IRQ context!`);
  might_sleep_at('kernel/locking/mutex.c:580');
  request_mutex_wait(desc);
  const id = dev_id ?? null;
  const action = desc.actions.find((candidate) => candidate.dev_id === id);
  if (action === undefined) {
    report('irq', `Trying to free already-free IRQ ${irq}`);
    return null;
  }
  desc.request_held = true;
  desc.actions = desc.actions.filter((other) => other !== action);
  if (desc.actions.length === 0) irq_shutdown(desc);
  __synchronize_hardirq(desc);
  if ((action.flags & IRQF_SHARED) !== 0) {
    const flags = raw_local_irq_save();
    call_handler(this_cpu, action.handler, irq, action.dev_id);
    irq_restore(flags);
  }
  stop_irq_thread(action);
  desc.request_held = false;
  for (const waiter of desc.wait_for_request.splice(0)) kernel.sched.try_to_wake_up(waiter, TASK_NORMAL);
  return action.name;
}

/** Sleeps while free_irq() of the same line is at work. */
function request_mutex_wait(desc: irq_desc): void {
  while (desc.request_held) {
    const self = this_cpu.current;
    self.waiting_for = `the request mutex of irq ${desc.irq}`;
    desc.wait_for_request.push(self);
    self.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
    self.waiting_for = '';
  }
}

/**
 * Wakes the thread of the handler that was requested with `dev_id`, as its hard half does by IRQ_WAKE_THREAD.
 * Context: any.
 */
export function irq_wake_thread(irq: number, dev_id: unknown): void {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  const action = desc?.actions.find((candidate) => candidate.dev_id === (dev_id ?? null));
  if (desc !== null && action !== undefined && action.thread !== null) __irq_wake_thread(desc, action);
}

/** Shows each handler of each line, for whoever asks what a module has left behind. Context: any. */
export function for_each_action(see: (action: irqaction) => void): void {
  for (const desc of kernel.irq.descs) {
    if (desc === null) continue;
    for (const action of desc.actions) if (action !== timer_action) see(action);
  }
}

/**
 * Says which CPUs may serve the line: one bit a CPU; the lowest of them does. Takes effect with the next interrupt.
 * Returns 0, or -EINVAL for a line or for CPUs that do not exist. Context: any.
 */
export function irq_set_affinity(irq: number, mask: number): number {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  const online = mask & ((1 << arch.cpus.length) - 1);
  if (desc === null || online === 0) return -EINVAL;
  desc.affinity = online;
  arch.irqchip.irq_set_affinity(irq, 31 - Math.clz32(online & -online));
  for (const { thread } of desc.actions) if (thread !== null) thread.cpus_mask = online;
  return 0;
}

/**
 * Sets how a line tells of an interrupt: IRQ_TYPE_EDGE_RISING, IRQ_TYPE_LEVEL_HIGH and so on.
 * Returns 0 or -EINVAL. Context: any.
 */
export function irq_set_irq_type(irq: number, type: number): number {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc === null) return -EINVAL;
  const sense = type & IRQF_TRIGGER_MASK;
  return sense === 0 ? 0 : __irq_set_trigger(desc, sense);
}

function say(text: string): void {
  kernel.printk.emit(LOGLEVEL_ERR, `genirq: ${text}`);
}
