/**
 * The dispatcher: from a pending line to its handlers, on top of whatever code was interrupted.
 * Follows kernel/irq/handle.c, chip.c (flow handlers) and kernel/softirq.c (irq_enter, irq_exit).
 */
import { arch } from '../arch/arch.js';
import { enter, FRAME, leave, pc, SITE } from '../arch/callstack.js';
import { type Cpu, IRQ_CALL_FUNCTION, IRQ_LINES, IRQ_RESCHEDULE, IRQ_TICK, this_cpu } from '../arch/cpu.js';
import { NR_IRQS } from '../arch/irqchip.js';
import { kernel } from '../current.js';
import { SITE_HANDLE_IRQ, SITE_IPI, SITE_TICK } from '../debug/boundary.js';
import { HARDIRQ_MASK, HARDIRQ_OFFSET, SOFTIRQ_MASK } from '../include/linux/preempt.js';
import { IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD } from '../include/linux/irqreturn.js';
import { call_handler } from '../module/call.js';
import { preempt_schedule_irq } from '../sched/preempt.js';
import { irq_desc, type irqaction } from './irqdesc.js';
import { note_interrupt } from './spurious.js';
import { irq_wake_thread } from './thread.js';

export class Irq {
  readonly descs: (irq_desc | null)[] = new Array<irq_desc | null>(NR_IRQS).fill(null);
  private readonly calls: (() => void)[][];

  constructor(nr_cpus: number) {
    this.calls = Array.from({ length: nr_cpus }, () => []);
  }

  /** The line's descriptor, made at first use. */
  irq_to_desc(irq: number): irq_desc | null {
    if (!(irq >= 0 && irq < NR_IRQS)) return null;
    return (this.descs[irq] ??= new irq_desc(irq, (1 << arch.cpus.length) - 1));
  }

  /**
   * Takes every interrupt that waits for this CPU, on the running stack. Called with interrupts enabled, and left so.
   */
  deliver(cpu: Cpu): void {
    let here = cpu;
    while (here.irq_pending !== 0 && here.irqs_off === 0) {
      here.irqs_off = 1;
      here.irqs_off_frame = pc[FRAME]!;
      here.irqs_off_site = pc[SITE]!;
      const pending = here.irq_pending;
      if ((pending & IRQ_TICK) !== 0) {
        here.irq_pending &= ~IRQ_TICK;
        this.irq_enter(here, SITE_TICK);
        kernel.time.tick(here);
        this.irq_exit(here);
      } else if ((pending & IRQ_CALL_FUNCTION) !== 0) {
        here.irq_pending &= ~IRQ_CALL_FUNCTION;
        this.irq_enter(here, SITE_IPI);
        for (const call of this.calls[here.id]!.splice(0)) call();
        this.irq_exit(here);
      } else if ((pending & IRQ_LINES) !== 0) {
        const irq = arch.irqchip.next_pending(here);
        if (irq < 0) here.irq_pending &= ~IRQ_LINES;
        else {
          this.irq_enter(here, SITE_HANDLE_IRQ);
          this.handle_irq(here, this.irq_to_desc(irq)!);
          this.irq_exit(here);
        }
      } else here.irq_pending &= ~IRQ_RESCHEDULE;
      // Softirqs, or a preemption on the way out, may have brought the task to another CPU.
      here = this_cpu;
      if (here.need_resched !== 0 && here.preempt_count === 0 && here.current !== here.idle) {
        preempt_schedule_irq();
        here = this_cpu;
      }
      here.irqs_off = 0;
    }
  }

  private irq_enter(cpu: Cpu, site: number): void {
    enter(site);
    cpu.preempt_count += HARDIRQ_OFFSET;
  }

  private irq_exit(cpu: Cpu): void {
    cpu.preempt_count -= HARDIRQ_OFFSET;
    leave();
    if (cpu.softirq_pending !== 0 && (cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_MASK)) === 0) kernel.softirq.invoke_softirq(cpu);
  }

  /** Runs `call` in a hard interrupt on another CPU. Follows kernel/smp.c. */
  send_call_function(cpu: Cpu, call: () => void): void {
    this.calls[cpu.id]!.push(call);
    cpu.irq_pending |= IRQ_CALL_FUNCTION;
    arch.notify(cpu);
  }

  /** Follows handle_edge_irq() and handle_level_irq(). */
  private handle_irq(cpu: Cpu, desc: irq_desc): void {
    const { irq } = desc;
    if (desc.in_progress || desc.depth > 0 || desc.actions.length === 0) {
      // Another CPU handles it, or nobody may: it is remembered and kept quiet.
      desc.pending = true;
      arch.irqchip.irq_mask(irq);
      if (!desc.level) arch.irqchip.irq_ack(irq);
      return;
    }
    if (desc.level) arch.irqchip.irq_mask(irq);
    else arch.irqchip.irq_ack(irq);
    desc.in_progress = true;
    do {
      desc.pending = false;
      desc.kstat_irqs[cpu.id]!++;
      this.handle_irq_event(cpu, desc);
      if (desc.pending && !desc.masked && !desc.level) arch.irqchip.irq_unmask(irq);
    } while (desc.pending && !desc.masked && !desc.level);
    desc.in_progress = false;
    if (desc.level && !desc.masked) arch.irqchip.irq_unmask(irq);
  }

  private handle_irq_event(cpu: Cpu, desc: irq_desc): void {
    const { actions } = desc;
    let retval = 0;
    if (actions.length === 1) retval = this.handle_action(cpu, desc, actions[0]!);
    // A handler may free its own line's other handlers: the chain of this interrupt is the one it began with.
    else for (const action of [...actions]) retval |= this.handle_action(cpu, desc, action);
    note_interrupt(desc, retval);
  }

  /** Follows __handle_irq_event_percpu(). */
  private handle_action(cpu: Cpu, desc: irq_desc, action: irqaction): number {
    const res = call_handler(cpu, action.handler, action.irq, action.dev_id);
    if (res === IRQ_WAKE_THREAD) irq_wake_thread(desc, action);
    else if (res !== IRQ_HANDLED && res !== IRQ_NONE) return -1;
    return res;
  }
}
