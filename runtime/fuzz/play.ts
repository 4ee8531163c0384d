/** Plays a program on a machine, and notices what the modules offer. */
import { IRQ_TYPE_LEVEL_MASK } from '../../kernel/irq/chip.js';
import { for_each_action } from '../../kernel/irq/manage.js';
import type { kernel_param } from '../../kernel/module/param.js';
import { KernelError } from '../machine/errors.js';
import type { Machine } from '../machine/machine.js';
import { exportsOf } from './exports.js';
import type { Program, Step } from './program.js';
import type { Argument, Target } from './target.js';
import type { Value } from './values.js';

/** What the modules have been seen to offer, so far. */
export interface Surface {
  readonly calls: Map<string, readonly Argument[]>;
  readonly irqs: Set<number>;
  /** By module: those that its user has not set. */
  readonly params: Map<number, readonly Pick<kernel_param, 'name' | 'type'>[]>;
  /** All modules have been loaded at once, at some time. */
  loaded: boolean;
}

export function surfaceOf({ calls, irqs }: Target): Surface {
  return { calls: new Map(Object.entries(calls).map(([name, { args }]) => [name, args])), irqs: new Set(irqs), params: new Map(), loaded: false };
}

type CallStep = Step & { kind: 'call' };
export type OtherStep = Exclude<Step, CallStep>;

/** Calls that are made at once, or one. */
export interface CallsAct {
  readonly step: 'calls';
  readonly calls: readonly CallStep[];
}

/** What has really been done: steps that make no sense where they stand are none. `refused`: why the kernel would not. */
export type Act = CallsAct | { readonly step: OtherStep; refused: string | null };

export class Player {
  private readonly target: Target;
  private readonly machine: Machine;
  private readonly surface: Surface;
  private readonly acts: Act[];
  private readonly results = new Map<string, unknown>();
  /** Numbers of the modules that are loaded, in that order. */
  private readonly loaded: number[] = [];

  constructor(target: Target, machine: Machine, surface: Surface, acts: Act[]) {
    this.target = target;
    this.machine = machine;
    this.surface = surface;
    this.acts = acts;
  }

  /** Throws what the machine throws, and an Error where something is left behind. */
  play({ steps }: Program): void {
    const { machine, loaded } = this;
    this.target.setup?.(machine);
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      if (step.kind === 'call') i += this.call(steps, i) - 1;
      else this.act(step);
    }
    this.look();
    for (const module of [...loaded].reverse()) this.act({ kind: 'unload', module });
    if (loaded.length === 0) machine.outlive();
    else machine.settle();
    // What the kernel has reported says more than that something is left.
    if (loaded.length > 0 || machine.headlines().length > 0) return;
    const left = machine.leftovers();
    if (left.length > 0) throw new Error(`left behind by the modules: ${left.map(({ text }) => text).join('\n')}`);
  }

  private act(step: OtherStep): void {
    const { machine, loaded } = this;
    if ((step.kind === 'load' || step.kind === 'unload') && loaded.includes(step.module) !== (step.kind === 'unload')) return;
    const act: Act = { step, refused: null };
    this.acts.push(act);
    try {
      perform(machine, this.target, step);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      act.refused = error.message;
      return;
    }
    if (step.kind === 'unload') loaded.splice(loaded.indexOf(step.module), 1);
    if (step.kind !== 'load') return;
    loaded.push(step.module);
    this.surface.loaded ||= loaded.length === this.target.modules.length;
    this.look();
  }

  /** Makes the call at `at`, with those that go with it. Returns how many steps that were. */
  private call(steps: readonly Step[], at: number): number {
    const { machine, results } = this;
    const { calls } = this.target;
    const first = steps[at] as CallStep;
    const exported = exportsOf(this.target.modules.map(({ name }) => name));
    const run = calls[first.name]?.run;
    const resolved = ({ args }: CallStep): unknown[] => args.map((value) => this.resolve(value, args));
    if (run !== undefined) {
      // Code of its own has no way to tell whether there is a driver.
      if (this.loaded.length < this.target.modules.length) return 1;
      this.acts.push({ step: 'calls', calls: [{ ...first, together: false }] });
      results.set(first.name, run(machine, ...(resolved(first) as never[])));
      return 1;
    }
    const group: CallStep[] = [];
    let length = 0;
    for (let more = true; more; ) {
      const step = steps[at + length];
      if (step?.kind !== 'call' || calls[step.name]?.run !== undefined) break;
      length++;
      if (exported.has(step.name)) group.push(step);
      more = step.together;
    }
    if (group.length === 0) return length;
    this.acts.push({ step: 'calls', calls: group });
    if (group.length === 1) results.set(group[0]!.name, machine.call(group[0]!.name, ...resolved(group[0]!)));
    else machine.callTogether(...group.map((step) => [step.name, ...resolved(step)] as const)).forEach((result, i) => results.set(group[i]!.name, result));
    return length;
  }

  private resolve(value: Value, args: readonly Value[]): unknown {
    if (Array.isArray(value)) return Uint8Array.from(value as readonly number[]);
    if (typeof value !== 'object' || value === null) return value;
    return 'result' in value ? (this.results.get(value.result) ?? 0) : lengthOf(value as { lengthOf: number }, args);
  }

  private look(): void {
    const { surface, machine } = this;
    const names = this.target.modules.map(({ name }) => name);
    for (const [name, parameters] of exportsOf(names)) {
      if (!surface.calls.has(name)) surface.calls.set(name, Array.from({ length: parameters }, () => 'int' as const));
    }
    for_each_action(({ irq, owner }) => {
      // A line that works by level is its device's: without one it stays up, and its handler is called without an end.
      if (names.includes(owner) && (machine.kernel.irq.irq_to_desc(irq)!.trigger & IRQ_TYPE_LEVEL_MASK) === 0) surface.irqs.add(irq);
    });
    this.target.modules.forEach(({ name, params }, i) => {
      if (surface.params.has(i)) return;
      const mod = machine.kernel.modules.find_module(name);
      if (mod !== null) surface.params.set(i, mod.params.filter((param) => !Object.hasOwn(params, param.name)).map((param) => ({ name: param.name, type: param.type })));
    });
  }
}

/** Of the buffer that it speaks of. */
export function lengthOf({ lengthOf: at }: { readonly lengthOf: number }, args: readonly Value[]): number {
  return (args[at] as readonly number[]).length;
}

function perform(machine: Machine, { modules }: Target, step: OtherStep): void {
  switch (step.kind) {
    case 'load': {
      const { what, params } = modules[step.module]!;
      machine.insmod(what, { ...params, ...step.params });
      return;
    }
    case 'unload':
      machine.rmmod(modules[step.module]!.name);
      return;
    case 'raise':
      machine.raise(step.irq);
      return;
    case 'lower':
      machine.lower(step.irq);
      return;
    case 'arm':
      machine.arm(step.irq);
      return;
    case 'advance':
      machine.advance(step.ns);
      return;
    case 'fail':
      if (step.what === 'slab') machine.failslab(faultOf(modules.map(({ name }) => name), step.nth));
      else machine.failPageAlloc(faultOf(modules.map(({ name }) => name), step.nth));
  }
}

/** The `nth` allocation of the modules' own code fails, and no other. */
export function faultOf(modules: readonly string[], nth: number): { readonly interval: number; readonly times: number; readonly verbose: number; readonly modules: readonly string[] } {
  return { interval: nth, times: 1, verbose: 0, modules };
}
