/**
 * The dispatcher: from a pending line to its handlers, on top of whatever code was interrupted.
 * Follows kernel/irq/handle.c and kernel/softirq.c (irq_enter, irq_exit).
 */
import { arch } from '../arch/arch.js';
import { enter, FRAME, leave, pc, SITE } from '../arch/callstack.js';
import { type Cpu, cpu_clock, IRQ_CALL_FUNCTION, IRQ_LINES, IRQ_RESCHEDULE, IRQ_TICK, per_cpu, this_cpu } from '../arch/cpu.js';
import { NR_IRQS } from '../arch/irqchip.js';
import { STEP_IRQ } from '../arch/point.js';
import type { task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { SITE_HANDLE_IRQ, SITE_IPI, SITE_TICK } from '../debug/boundary.js';
import { HARDIRQ_MASK, HARDIRQ_OFFSET, SOFTIRQ_MASK } from '../include/linux/preempt.js';
import { IRQ_WAKE_THREAD } from '../include/linux/irqreturn.js';
import { call_handler } from '../module/call.js';
import { preempt_schedule_irq } from '../sched/preempt.js';
import { handle_edge_irq, handle_level_irq } from './chip.js';
import { irq_desc, type irqaction, per_cpu_counts } from './irqdesc.js';
import { timer_action } from './manage.js';
import { note_interrupt, report_storm } from './spurious.js';
import { __irq_wake_thread } from './thread.js';

/** What it costs to take an interrupt and to return from it, in ns of virtual time: about what a PC takes. */
const IRQ_NS = 1000;
/** What a line costs on top: its controller is masked and acknowledged through ports, at about 1 us each. */
const LINE_NS = 4000;

/**
 * So many interrupts a CPU may take before what they interrupted goes on. A line that nobody cares about is shut down
 * before; of one that is served and stays up there is nothing to be learned from the millions until the watchdog would bark.
 */
const STORM_IRQS = 131_072;
/** The same in a schedule that has had its points. */
const STORM_IRQS_OVERLONG = 16_384;
/** The other CPUs get a turn once in so many of them, less one: they may be those who quieten the device. */
const STORM_TURNS_MASK = 8191;

export class Irq {
  private built_descs: (irq_desc | null)[] | null = null;
  private built_threads: Map<task_struct, irqaction> | null = null;
  private built_local_timer: number[] | null = null;
  private built_reschedule: number[] | null = null;
  private built_call_function: number[] | null = null;
  private built_calls: (() => void)[][] | null = null;

  /** Ticks and inter-processor interrupts taken, by CPU, for /proc/interrupts. */
  get local_timer(): number[] {
    return (this.built_local_timer ??= per_cpu_counts());
  }

  get reschedule(): number[] {
    return (this.built_reschedule ??= per_cpu_counts());
  }

  get call_function(): number[] {
    return (this.built_call_function ??= per_cpu_counts());
  }

  /** What other CPUs want called, by CPU. */
  private get calls(): (() => void)[][] {
    return (this.built_calls ??= per_cpu(arch.cpus.length, () => []));
  }

  /** By line; null where nobody has asked for its descriptor. */
  get descs(): (irq_desc | null)[] {
    return (this.built_descs ??= descs_at_boot());
  }

  /** The action whose thread a task is. */
  get threads(): Map<task_struct, irqaction> {
    return (this.built_threads ??= new Map());
  }

  /** The line's descriptor, made at first use; null where the machine has no such line. */
  irq_to_desc(irq: number): irq_desc | null {
    if (!(irq >= 0 && irq < NR_IRQS)) return null;
    return (this.descs[irq] ??= new irq_desc(irq, (1 << arch.cpus.length) - 1));
  }

  /**
   * Takes every interrupt that waits for this CPU, on the running stack. Called with interrupts enabled, and left so.
   */
  deliver(cpu: Cpu): void {
    let here = cpu;
    let taken = 0;
    let began = 0;
    while (here.irqs_off === 0) {
      if (here.irq_pending !== 0) {
        if (taken === 0) began = cpu_clock(here);
        if ((++taken & STORM_TURNS_MASK) === 0) {
          if (taken >= STORM_IRQS || (taken >= STORM_IRQS_OVERLONG && arch.is_overlong() && !this.nobody_cares())) {
            report_storm(here, cpu_clock(here) - began);
            taken = 0;
          }
          give_others_a_turn(here);
        }
        here.irqs_off = 1;
        here.irqs_off_frame = pc[FRAME]!;
        here.irqs_off_site = pc[SITE]!;
        // Without a cost an interrupt that never goes quiet would stop the machine's clock.
        charge(here, IRQ_NS);
        this.take_one(here);
      } else if (here.need_resched !== 0 && here.preempt_count === 0 && here.current !== here.idle) {
        // All that waited is served first: a switch in the middle of a storm would begin the storm anew on each stack.
        here.irqs_off = 1;
        preempt_schedule_irq();
        taken = 0;
      } else break;
      // Softirqs, or a preemption on the way out, may have brought the task to another CPU.
      here = this_cpu;
      here.irqs_off = 0;
    }
  }

  /** Some line will be shut down soon. */
  private nobody_cares(): boolean {
    return this.descs.some((desc) => desc !== null && desc.irqs_unhandled >= STORM_IRQS_OVERLONG / 2);
  }

  private take_one(cpu: Cpu): void {
    const pending = cpu.irq_pending;
    if ((pending & IRQ_TICK) !== 0) {
      cpu.irq_pending &= ~IRQ_TICK;
      this.irq_enter(cpu, SITE_TICK);
      this.local_timer[cpu.id]!++;
      kernel.time.tick(cpu);
      this.irq_exit(cpu);
    } else if ((pending & IRQ_CALL_FUNCTION) !== 0) {
      cpu.irq_pending &= ~IRQ_CALL_FUNCTION;
      this.irq_enter(cpu, SITE_IPI);
      this.call_function[cpu.id]!++;
      for (const call of this.calls[cpu.id]!.splice(0)) call();
      this.irq_exit(cpu);
    } else if ((pending & IRQ_LINES) !== 0) {
      const irq = arch.irqchip.next_pending(cpu);
      if (irq < 0) {
        cpu.irq_pending &= ~IRQ_LINES;
        return;
      }
      const desc = this.descs[irq] ?? this.irq_to_desc(irq)!;
      this.irq_enter(cpu, SITE_HANDLE_IRQ);
      if (desc.level) handle_level_irq(cpu, desc);
      else handle_edge_irq(cpu, desc);
      this.irq_exit(cpu);
    } else {
      cpu.irq_pending &= ~IRQ_RESCHEDULE;
      this.reschedule[cpu.id]!++;
    }
  }

  private irq_enter(cpu: Cpu, site: number): void {
    // As tick_irq_enter(): an idle CPU has not counted its ticks.
    if (cpu.current === cpu.idle) kernel.time.update(cpu_clock(cpu));
    enter(site);
    cpu.preempt_count += HARDIRQ_OFFSET;
    cpu.hardirqs++;
    cpu.locks_below_hardirq = cpu.current.lockdep_depth;
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
}

/** The timer's line alone is in use. */
function descs_at_boot(): (irq_desc | null)[] {
  const descs = new Array<irq_desc | null>(NR_IRQS).fill(null);
  const timer = new irq_desc(0, (1 << arch.cpus.length) - 1);
  timer.actions = [timer_action];
  timer.depth = 0;
  descs[0] = timer;
  return descs;
}

/** Called between two interrupts. */
function give_others_a_turn(cpu: Cpu): void {
  // Whoever waits with interrupts enabled takes them where it waits, one in the other.
  cpu.irqs_off = 1;
  let waits = true;
  arch.spin_until(cpu, 0, () => {
    const first = waits;
    waits = false;
    return first;
  });
  cpu.irqs_off = 0;
}

/** Time of an interrupt passes, with interrupts disabled. */
function charge(cpu: Cpu, ns: number): void {
  if ((cpu.fuel -= ns) < 0) cpu.look_around(STEP_IRQ, 0);
}

/** What waits for this CPU is taken now, where it may be: the end of a section with interrupts disabled. */
export function deliver_pending(): void {
  const cpu = this_cpu;
  if (cpu.irq_pending !== 0 && cpu.irqs_off === 0) kernel.irq.deliver(cpu);
}

/** Runs the line's handlers. Follows handle_irq_event(). Context: hard interrupt. */
export function handle_irq_event(cpu: Cpu, desc: irq_desc): void {
  const { actions } = desc;
  desc.pending = false;
  desc.in_progress = true;
  desc.in_progress_cpu = cpu.id;
  charge(cpu, LINE_NS);
  let retval = 0;
  if (actions.length === 1) retval = handle_action(cpu, desc, actions[0]!);
  else for (const action of actions) retval |= handle_action(cpu, desc, action);
  note_interrupt(desc, retval);
  desc.in_progress = false;
}

/** Follows __handle_irq_event_percpu(). */
function handle_action(cpu: Cpu, desc: irq_desc, action: irqaction): number {
  const res = call_handler(cpu, action.handler, action.irq, action.dev_id);
  if (res === IRQ_WAKE_THREAD) __irq_wake_thread(desc, action);
  return res;
}
