/**
 * The hardware: CPUs with their clocks, the interrupt controller, the event queue, and the baton that says which
 * CPU's code runs. It implements kernel/arch for the kernel above it.
 *
 * One stack runs at a time. A CPU that is not running is parked in one of three places: at a preemption point, in
 * switch_to(), or in a spin wait. Whoever gives up the baton picks the next CPU and hands over to its task's stack
 * directly. The host, on stack 0, gets the baton when what it asked for has happened or nothing is left to do.
 */
import { is_error, said_by, shown } from '../../kernel/lib/shown.js';
import type { Arch, ChoiceKind, ClockEvent } from '../../kernel/arch/arch.js';
import { FRAME, FRAME_NONE, pc, SITE, unwind } from '../../kernel/arch/callstack.js';
import { Cpu, CPU_IDLE, CPU_RUNNING, CPU_SPINNING, cpu_clock, FUEL_MAX_NS, host_cpu, kick, NR_CPUS, per_cpu, set_this_cpu, this_cpu } from '../../kernel/arch/cpu.js';
import { STEP_SEEN } from '../../kernel/arch/point.js';
import { site_of, SITE_NONE } from '../../kernel/arch/site.js';
import { PF_IDLE, STACK_NONE, TASK_RUNNING, task_struct } from '../../kernel/arch/task.js';
import { kernel } from '../../kernel/current.js';
import { set_current } from '../../kernel/include/asm/current.js';
import { HARDIRQ_MASK, SOFTIRQ_OFFSET } from '../../kernel/include/linux/preempt.js';
import type { Choice } from '../choice/choice.js';
import { InterruptController } from '../devices/interrupt_controller.js';
import { PortBus } from '../devices/port_bus.js';
import { authorsWords } from '../loader/authors_words.js';
import { sourceLine } from '../loader/source_line.js';
import { loadStacks } from '../native/index.js';
import { ArmedLines } from './armed_lines.js';
import { EventQueue } from './event_queue.js';
import { CallTooLong, MachineError } from './errors.js';
import { beat, countCall } from './heartbeat.js';
import { dropQuestion, type HostWatcher } from './host_code.js';
import type { HostConsole } from './host_console.js';
import { HostLimit } from './host_limit.js';
import { Invariants } from './invariants.js';
import { offenceOf, traceOf } from './places.js';
import { kill_stacks, leave_stack, rest, take_stack } from './task_stacks.js';
import { ascending, turns } from './turns.js';

/** The host's own stack. */
const HOST = 0;

/** How far, in ns, a CPU may run ahead of the slowest one that could run too. */
const QUANTUM_NS = 4000;

/** Who came before a step: a CPU, an interrupt, nobody though they could have, or nobody since nobody could. */
const CAME_CPU = 0;
const CAME_IRQ = 1;
const CAME_NOBODY = 2;
const NOBODY_COULD = 3;

/** Why the machine gave the baton back to the host. */
export type StopReason = 'done' | 'quiet' | 'halted';

/** The kernel panicked while no task's stack was running: it unwinds to whoever let the machine run. */
export class HaltOnHost extends Error {}

export class Board implements Arch, HostWatcher {
  readonly cpus: readonly Cpu[];
  private built_irqchip: InterruptController | null = null;
  private built_io: PortBus | null = null;
  private readonly stacks = loadStacks();
  private readonly choice: Choice;
  private readonly console: HostConsole;
  private readonly events = new EventQueue();

  /** The latest time that any part of the machine has reached, in ns. */
  private time = 0;
  /** Code run by all CPUs together, in ns, up to the moment the running CPU got its fuel. */
  private ran = 0;
  private refuelled_at = 0;

  /** The host wants the baton back at the next occasion. */
  private stop = false;
  /** The host does not want time to pass while every CPU is idle. */
  private hold_clock = false;
  /** The host wants the baton back at this time, in ns; whether or not anything happens then. */
  private deadline = Infinity;
  /** Set once the kernel has panicked; nothing runs any more. */
  halted: string | null = null;
  /** When the host gives up waiting: no part of the machine, which has had its chance by then. */
  private limit: ClockEvent | null = null;
  /** An error that the host is to throw: ours, or a replay that does not fit. */
  private failure: Error | null = null;

  /** Stacks of tasks that ended in the middle of a call. */
  private readonly graveyard: number[] = [];
  /** How many tasks have a stack. */
  private on_stack = 0;
  private readonly armed = new ArmedLines();
  private readonly invariants = new Invariants();
  private readonly host_limit: HostLimit;

  /** `limit_s`: seconds of the host's time that a call may take. */
  constructor(cpus: number, choice: Choice, console: HostConsole, limit_s: number) {
    this.host_limit = new HostLimit(limit_s);
    this.choice = choice;
    this.console = console;
    this.cpus = per_cpu(cpus, (id) => new Cpu(id, idle_task(id)));
  }

  get irqchip(): InterruptController {
    return (this.built_irqchip ??= new InterruptController(this.cpus));
  }

  get io(): PortBus {
    return (this.built_io ??= new PortBus(this));
  }

  // What the host asks for

  /** Runs until stop_now() is called from within, until nothing is left to do, or until the kernel panics. */
  go(hold_clock: boolean, deadline: number): StopReason {
    countCall();
    this.host_limit.begin();
    this.stop = false;
    this.hold_clock = hold_clock;
    this.deadline = deadline;
    try {
      const next = this.pick();
      if (next !== null) {
        this.enter_cpu(next);
        this.stacks.switchTo(this.stack_of(next.current));
      }
    } catch (error) {
      if (!(error instanceof HaltOnHost)) throw error;
    } finally {
      this.back_on_host();
    }
    const { failure } = this;
    if (failure !== null) {
      this.failure = null;
      throw failure;
    }
    if (this.halted !== null) return 'halted';
    return this.stop ? 'done' : 'quiet';
  }

  private back_on_host(): void {
    set_this_cpu(host_cpu);
    set_current(host_cpu.current);
    pc[FRAME] = FRAME_NONE;
    pc[SITE] = SITE_NONE;
    dropQuestion();
    this.choice.watcher?.hostResumed();
    this.clear_graveyard();
  }

  stop_now(): void {
    this.stop = true;
    kick(this_cpu);
  }

  /** Ends every stack. The board is of no use afterwards. */
  power_off(): void {
    if (this.on_stack > 0) kill_stacks(this.stacks, this);
    this.on_stack = 0;
    this.clear_graveyard();
  }

  private clear_graveyard(): void {
    for (let stack = this.graveyard.pop(); stack !== undefined; stack = this.graveyard.pop()) this.stacks.kill(stack);
  }

  // The baton

  /** The CPU that runs next, or null for the host. Fires the events that come before it. */
  private pick(): Cpu | null {
    for (;;) {
      if (this.stop || this.halted !== null || this.failure !== null) return null;
      let could = 0;
      let first: Cpu | null = null;
      let first_clock = Infinity;
      for (let id = 0; id < this.cpus.length; id++) {
        const cpu = this.cpus[id]!;
        if (!this.can_run(cpu)) continue;
        could |= 1 << id;
        const clock = this.clock_at_entry(cpu);
        if (clock < first_clock) {
          first = cpu;
          first_clock = clock;
        }
      }
      const due = this.events.next;
      if (first === null) {
        const lines = this.armed.heard();
        if (lines.length > 0 && !this.comes_late(due)) {
          this.fire(lines[lines.length === 1 ? 0 : this.picked('line', lines.length)]!);
          continue;
        }
      }
      const soonest = Math.min(first_clock, due);
      if (soonest > this.deadline && soonest < Infinity) {
        this.stop = true;
        return null;
      }
      if (first === null) {
        if (due === Infinity || this.hold_clock) {
          if (due === Infinity || !this.anyone_spins()) return null;
        }
        this.time = Math.max(this.time, due);
        this.fire_event();
      } else if (due <= first_clock) {
        this.fire_event();
      } else {
        return (could & (could - 1)) === 0 ? first : this.pick_among(ascending(could), first);
      }
    }
  }

  /** All CPUs are idle, and an interrupt that was armed may come: whether what is due at some time comes before it. */
  private comes_late(due: number): boolean {
    if (due === Infinity || due > this.deadline || this.events.first === this.limit) return false;
    // While the clock is held nothing is due, unless a CPU spins for it.
    if (this.hold_clock && !this.anyone_spins()) return false;
    return this.picked('late', 2) !== 0;
  }

  /** One of these CPUs, `usual` being the usual one: it has changed places with the first. */
  private pick_among(ids: readonly number[], usual: Cpu): Cpu {
    const way = this.picked('cpu', ids.length);
    if (way === 0) return usual;
    return this.cpus[ids[way] === usual.id ? ids[0]! : ids[way]!]!;
  }

  private can_run(cpu: Cpu): boolean {
    if (cpu.state === CPU_RUNNING) return true;
    const interrupted = cpu.irq_pending !== 0 && cpu.irqs_off === 0;
    if (cpu.state === CPU_IDLE) return interrupted || cpu.nr_queued > 0;
    return interrupted || !cpu.spin_blocked!();
  }

  /** Nothing can happen before time passes. */
  get isQuiet(): boolean {
    return this.armed.heard().length === 0 && !this.cpus.some((cpu) => this.can_run(cpu));
  }

  private anyone_spins(): boolean {
    return this.cpus.some((cpu) => cpu.state === CPU_SPINNING);
  }

  private clock_at_entry(cpu: Cpu): number {
    const clock = cpu_clock(cpu);
    if (cpu.state === CPU_IDLE) return Math.max(clock, cpu.wake_at);
    // A spinner that was told goes on from then: else whoever runs on would always seem to be no further.
    return cpu.state === CPU_SPINNING ? Math.max(clock, cpu.wake_at === 0 ? this.time : cpu.wake_at) : clock;
  }

  private fire_event(): void {
    if (this.events.next >= this.look_at) this.look_for_hung_tasks();
    const event = this.events.pop();
    this.firing_at = event.time;
    event.fire();
    this.firing_at = -1;
    // An event that stops the machine is the host's.
    if (!this.stop) this.timers_expired = true;
  }

  /** Something has happened because its time had come. */
  timers_expired = false;

  /** Nothing but events lets that much time pass, and looking is none: it must not keep the machine from being quiet. */
  private look_for_hung_tasks(): void {
    const { interval_ns } = kernel.hung_tasks;
    if (this.look_at === 0) this.look_at = interval_ns;
    for (; this.look_at <= this.events.next && this.look_at < Infinity; this.look_at += interval_ns) {
      this.firing_at = this.look_at;
      kernel.hung_tasks.check_hung_uninterruptible_tasks();
    }
    this.firing_at = -1;
  }

  /** When hung tasks are looked for next, in ns; 0 before the first event asks. */
  private look_at = 0;
  /** Time of the event that fires, or -1. */
  private firing_at = -1;

  /** The CPU's code is the one that runs from now on. */
  private enter_cpu(cpu: Cpu): void {
    const clock = this.clock_at_entry(cpu);
    if (cpu.state === CPU_IDLE && cpu.irq_pending === 0 && cpu.current === cpu.idle) kernel.sched.leave_idle(cpu);
    if (cpu.state === CPU_IDLE) cpu.state = CPU_RUNNING;
    cpu.wake_at = 0;
    set_this_cpu(cpu);
    set_current(cpu.current);
    this.set_clock(cpu, clock);
  }

  private set_clock(cpu: Cpu, clock: number): void {
    cpu.horizon = clock;
    cpu.fuel = 0;
    this.refuelled_at = clock;
    this.refuel(cpu);
  }

  /** Lets the CPU run until something may be due. */
  private refuel(cpu: Cpu): void {
    beat(cpu.id);
    const now = cpu_clock(cpu);
    this.ran += now - this.refuelled_at;
    this.refuelled_at = now;
    if (now > this.time) this.time = now;
    const { clockless, skipsLonePoints, ask_at } = this.choice;
    const everywhere = ask_at <= this.ran;
    if ((everywhere && !(skipsLonePoints && this.is_alone(cpu))) || this.invariants.some) {
      cpu.fuel = 0;
      cpu.horizon = now;
      return;
    }
    let until = Math.min(this.events.next, this.deadline, now + FUEL_MAX_NS);
    if (!everywhere) until = Math.min(until, now + (ask_at - this.ran));
    if (!clockless) {
      for (const other of this.cpus) {
        if (other !== cpu && this.can_run(other)) until = Math.min(until, this.clock_at_entry(other) + QUANTUM_NS);
      }
    }
    // The point that reaches `until` looks around, not the one after it: a replay asks at the very same point.
    cpu.fuel = Math.max(0, until - now - 1);
    cpu.horizon = now + cpu.fuel;
  }

  /** Nobody but this CPU's task could go on, nor waits for it to, and until it is kicked that does not change. */
  private is_alone(cpu: Cpu): boolean {
    if (this.armed.some || cpu.nr_queued > 0) return false;
    // What an interrupt comes upon has been stopped in the middle.
    if (cpu.irq_pending !== 0 || (cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_OFFSET)) !== 0) return false;
    for (const other of this.cpus) {
      // What a CPU spins for may come to pass without a word to anybody.
      if (other !== cpu && (other.state === CPU_SPINNING || this.can_run(other))) return false;
    }
    return true;
  }

  /** Gives the baton away and waits for it; the CPU's state says when it may come back. */
  private yield_baton(cpu: Cpu): void {
    this.account(cpu);
    const next = this.pick();
    if (next === cpu && cpu.state !== CPU_IDLE) {
      this.enter_cpu(cpu);
      return;
    }
    this.hand_over(cpu.current, next);
  }

  private hand_over(from: task_struct, to: Cpu | null): void {
    from.frame = pc[FRAME]!;
    from.site = pc[SITE]!;
    let stack = HOST;
    if (to !== null) {
      this.enter_cpu(to);
      stack = this.stack_of(to.current);
    }
    if (stack !== from.stack) this.stacks.switchTo(stack);
    pc[FRAME] = from.frame;
    pc[SITE] = from.site;
  }

  /** What the CPU has run counts from here on as done. */
  private account(cpu: Cpu): void {
    const now = cpu_clock(cpu);
    const spent = now - this.refuelled_at;
    this.ran += spent;
    this.refuelled_at = now;
    if (now > this.time) this.time = now;
    if (this.host_limit.isPassed(spent)) this.give_up();
  }

  /** The host gets the baton back at the next occasion, with an error that says where the machine was. What runs stays there. */
  private give_up(): void {
    const places = unwind(pc[FRAME]!, pc[SITE]!).map(site_of);
    this.failure ??= new CallTooLong(this.host_limit.limit_s, [...offenceOf(places), ...traceOf(places)].join('\n'));
    this.stop = true;
  }

  /** The stack of a task, which gets one at its first run; the host's, with the failure noted, where there is none to be had. */
  private stack_of(task: task_struct): number {
    if (task.stack === STACK_NONE) {
      try {
        task.stack = take_stack(this.stacks, this);
      } catch (error) {
        // No module's fault: whoever would have run it must not unwind. The host is told, and may make room.
        const why = said_by(error);
        this.fail(new MachineError(`no stack for task ${task.comm}/${task.pid}: ${why}. Start fewer tasks, or power off machines that have done their work`));
        return HOST;
      }
      this.on_stack++;
    }
    return task.stack;
  }

  /**
   * Runs the task that has just got a stack, to its end. Returns the stack that goes on then; below 0, as -1 minus it,
   * where this one is not needed any more.
   */
  begin(): number {
    const task = this_cpu.current;
    const { stack } = task;
    pc[FRAME] = FRAME_NONE;
    pc[SITE] = SITE_NONE;
    try {
      this.choice.watcher?.resumed(0);
      if (task === this_cpu.idle) this.idle_loop(task);
      kernel.sched.start_task(task);
      kernel.sched.exit_current();
    } catch (error) {
      this.fail(error);
    }
    this.leave_stack(task);
    // The next to begin may do so right here.
    return rest(stack) ? this.next_stack() : -1 - this.next_stack();
  }

  /** The task has no stack any more. */
  private leave_stack(task: task_struct): void {
    leave_stack(task.stack);
    this.on_stack--;
    task.stack = STACK_NONE;
  }

  /** The bottom of an idle task's stack: it exists only so that interrupts have somewhere to run. */
  private idle_loop(idle: task_struct): never {
    for (;;) {
      const cpu = this.cpus[idle.cpu]!;
      kernel.irq.deliver(cpu);
      if (cpu.nr_queued > 0) kernel.sched.__schedule(false);
      else if (cpu.irq_pending === 0) {
        kernel.time.stop_tick(cpu);
        cpu.need_resched = 0;
        cpu.state = CPU_IDLE;
        this.yield_baton(cpu);
      }
    }
  }

  /** The running CPU's task is gone: where does the baton go? */
  private next_stack(): number {
    const cpu = this_cpu;
    if (this.failure !== null) return HOST;
    this.account(cpu);
    this.settle_state(cpu);
    const next = this.pick();
    if (next === null) return HOST;
    this.enter_cpu(next);
    return this.stack_of(next.current);
  }

  /** A CPU whose current is the idle task rests, unless an interrupt waits for it. */
  private settle_state(cpu: Cpu): void {
    if (cpu.current !== cpu.idle) return;
    kernel.time.stop_tick(cpu);
    cpu.state = CPU_IDLE;
  }

  /** An error that no module may see: the host throws it. */
  private fail(error: unknown): void {
    this.failure = is_error(error) ? error : new Error(`${shown(error)} was thrown`);
  }

  /** One of the choices, which a replay may refuse to make; the refusal is the host's to see. */
  private picked(kind: ChoiceKind, n: number): number {
    if (this_cpu !== host_cpu) this.account(this_cpu);
    try {
      return this.choice.pick(kind, n, this.ran);
    } catch (error) {
      return this.abandon(error);
    }
  }

  abandon(error: unknown): never {
    if (this.stacks.current() === HOST) throw error;
    this.fail(error);
    for (;;) this.stacks.switchTo(HOST);
  }

  // kernel/arch

  look_around(cpu: Cpu, step: number, address: number): void {
    this.look(cpu, step, address, false);
  }

  /** `behind` an interrupt that was armed. */
  private look(cpu: Cpu, step: number, address: number, behind: boolean): void {
    this.account(cpu);
    const now = cpu_clock(cpu);
    if (this.invariants.some) {
      const broken = this.invariants.check(cpu);
      if (broken !== null) this.abandon(broken.error);
    }
    while (this.events.next <= now) this.fire_event();
    const seen = this.invariants.some ? STEP_SEEN : step;
    const came = behind || this.ran >= this.choice.ask_at ? this.who_comes(cpu, seen, address, behind) : NOBODY_COULD;
    if ((came === CAME_NOBODY || (came === NOBODY_COULD && this.choice.watcher !== null)) && this.ran >= this.choice.ask_at) {
      if (cpu.irq_pending === 0 && cpu.need_resched === 0 && this.choice.clockless && now < this.deadline && !this.stop) {
        // It goes on to the very next point, as refuel() would find at greater length.
        beat(cpu.id);
        cpu.fuel = 0;
        cpu.horizon = now;
        this.choice.watcher?.began(seen, address, behind || came === CAME_NOBODY);
        return;
      }
    }
    // One that is put off is asked about again at the very next point: when does not depend on anybody's fuel.
    let put_off = false;
    if (cpu.irq_pending !== 0 && cpu.irqs_off === 0) {
      put_off = this.picked('irq', 2) !== 0;
      if (!put_off) kernel.irq.deliver(cpu);
    }
    if (cpu.need_resched !== 0 && cpu.preempt_count === 0 && cpu.irqs_off === 0) kernel.sched.__schedule(true);
    const here = this_cpu;
    if (now >= this.deadline) this.stop = true;
    if (this.stop || this.someone_is_behind(here)) this.yield_baton(here);
    else this.refuel(here);
    if (put_off) kick(this_cpu);
    // Behind an interrupt another one may come, or another CPU.
    if (came === CAME_IRQ) this.look(this_cpu, step, address, true);
    else this.choice.watcher?.began(seen, address, behind || came !== NOBODY_COULD);
  }

  private someone_is_behind(cpu: Cpu): boolean {
    if (this.choice.clockless) return false;
    const limit = cpu_clock(cpu) - QUANTUM_NS;
    for (const other of this.cpus) {
      if (other !== cpu && this.clock_at_entry(other) <= limit && this.can_run(other)) return true;
    }
    return false;
  }

  host_step(site: number): void {
    const within = this_cpu !== host_cpu;
    this.choice.watcher?.hostStep(site, within, !within && this.isQuiet);
  }

  /** The strategy wants to be asked here: another CPU, or an interrupt, may come in the middle of this one's code. */
  private who_comes(cpu: Cpu, step: number, address: number, behind: boolean): number {
    const armed = this.armed.heard();
    let could = 1 << cpu.id;
    const { cpus } = this;
    for (let id = 0; id < cpus.length; id++) if (id !== cpu.id && this.can_run(cpus[id]!)) could |= 1 << id;
    const ids = turns(cpu.id, could);
    const ways = ids.length + armed.length;
    let way: number;
    try {
      way = behind ? this.choice.preempt_behind(ways, ids, armed, this.ran, step, address) : this.choice.preempt(ways, ids, armed, this.ran, step, address);
    } catch (error) {
      this.abandon(error);
    }
    if (way >= ids.length) {
      this.fire(armed[way - ids.length]!);
      return CAME_IRQ;
    }
    const id = ids[way]!;
    if (id === cpu.id) return ways > 1 ? CAME_NOBODY : NOBODY_COULD;
    this.hand_over(cpu.current, this.cpus[id]!);
    return CAME_CPU;
  }

  private fire(irq: number): void {
    this.armed.remove(irq);
    this.irqchip.irq_raise(irq);
  }

  /**
   * The line is raised once, after it has been requested: at a preemption point of the strategy's choice, or when
   * nothing is left to do but to wait; whether it waits for longer than what is due next is the strategy's choice, too.
   */
  arm(irq: number): void {
    this.armed.add(irq);
  }

  /** Code run by all CPUs together, in ns. Asked by the host. */
  get code_run(): number {
    return this.ran;
  }

  get armed_lines(): readonly number[] {
    return this.armed.all;
  }

  invariant(holds: () => boolean, text: string): void {
    if (this.choice.clockless) this.invariants.add(holds, text);
  }

  switch_to(prev: task_struct, next: task_struct): void {
    const cpu = this_cpu;
    this.account(cpu);
    if (next === cpu.idle && cpu.irq_pending === 0) {
      this.settle_state(cpu);
      this.hand_over(prev, this.pick());
      this.choice.watcher?.resumed(0);
      return;
    }
    prev.frame = pc[FRAME]!;
    prev.site = pc[SITE]!;
    this.stacks.switchTo(this.stack_of(next));
    pc[FRAME] = prev.frame;
    pc[SITE] = prev.site;
    this.choice.watcher?.resumed(0);
  }

  switch_to_last(prev: task_struct): never {
    this.graveyard.push(prev.stack);
    this.leave_stack(prev);
    for (;;) this.stacks.switchTo(this.next_stack());
  }

  spin_until(cpu: Cpu, address: number, blocked: () => boolean): void {
    while (blocked()) {
      // Anew each time: an interrupt handler may have spun in between.
      cpu.spin_blocked = blocked;
      cpu.spin_address = address;
      cpu.state = CPU_SPINNING;
      this.yield_baton(cpu);
      cpu.state = CPU_RUNNING;
      if (cpu.irq_pending !== 0 && cpu.irqs_off === 0) kernel.irq.deliver(cpu);
      this.choice.watcher?.resumed(address);
    }
    cpu.spin_blocked = null;
    cpu.spin_address = 0;
  }

  notify(cpu: Cpu): void {
    if ((cpu.state === CPU_IDLE && cpu.wake_at === 0) || cpu.state === CPU_SPINNING) cpu.wake_at = this.now();
    // Even where it is another CPU that is notified: the running one may now be too far ahead of it.
    if (this_cpu !== host_cpu) kick(this_cpu);
  }

  is_overlong(): boolean {
    // A replay looks around less often than the run that it repeats.
    return this.choice.exhausted(this.ran + cpu_clock(this_cpu) - this.refuelled_at);
  }

  choose(kind: ChoiceKind, n: number): number {
    const way = this.picked(kind, n);
    // A replayed log may have its next preemption sooner than the fuel allows.
    if (this_cpu !== host_cpu) kick(this_cpu);
    return way;
  }

  schedule_event(time: number, fire: () => void): ClockEvent {
    const event = this.events.push(time, fire);
    if (this_cpu !== host_cpu && time < this_cpu.horizon) kick(this_cpu);
    return event;
  }

  /** The same for when the host gives up: an interrupt that was armed comes before that. */
  schedule_limit(time: number, fire: () => void): ClockEvent {
    return (this.limit = this.events.push(time, fire));
  }

  cancel_event(event: ClockEvent): void {
    this.events.remove(event);
  }

  now(): number {
    if (this.firing_at >= 0) return this.firing_at;
    return this_cpu === host_cpu ? this.time : cpu_clock(this_cpu);
  }

  console_write(_level: number, line: string): void {
    this.console.line(line);
  }

  source_line(site: number): string | null {
    return sourceLine(site);
  }

  authors_words(message: string): string {
    return authorsWords(message);
  }

  halt(headline: string): never {
    this.halted = headline;
    if (this.stacks.current() === HOST) throw new HaltOnHost();
    const task = this_cpu.current;
    this.account(this_cpu);
    task.frame = pc[FRAME]!;
    task.site = pc[SITE]!;
    for (;;) this.stacks.switchTo(HOST);
  }
}

const IDLE_NAMES: readonly string[] = Array.from({ length: NR_CPUS }, (_, cpu) => `swapper/${cpu}`);

function idle_task(cpu: number): task_struct {
  const idle = new task_struct(0, IDLE_NAMES[cpu]!, PF_IDLE, never_called);
  idle.cpu = cpu;
  idle.__state = TASK_RUNNING;
  return idle;
}

/** An idle task's stack begins in the board's idle_loop(). */
function never_called(): number {
  return 0;
}
