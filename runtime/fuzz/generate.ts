/** Makes programs: from nothing, and from other programs. */
import type { ParamType } from '../../kernel/module/param.js';
import type { Random } from '../choice/random.js';
import type { Constants } from './constants.js';
import type { Corpus } from './corpus.js';
import type { Surface } from './play.js';
import type { Draw, Program, Step } from './program.js';
import type { Target } from './target.js';
import { drawValue, mutateValue, oneOf } from './values.js';

/** One program in so many of a guided fuzzer is made from nothing. */
const FRESH_ONE_IN = 10;
const MUTATIONS_MAX = 4;
const TIMES_NS = [1_000, 100_000, 1_000_000, 4_000_000, 20_000_000, 100_000_000, 1_000_000_000];
const TEXTS = ['', '0', 'a', 'ringzero', 'x'.repeat(64)];

export class Generator {
  private readonly random: Random;
  private readonly target: Target;
  private readonly surface: Surface;
  private readonly constants: Constants;
  private readonly steps_max: number;
  /** Points of the longest run so far. */
  longest = 0;

  /** Programs have at most `steps` steps beside those that load the modules first. */
  constructor(random: Random, target: Target, surface: Surface, constants: Constants, steps: number) {
    this.random = random;
    this.target = target;
    this.surface = surface;
    this.constants = constants;
    this.steps_max = steps + target.modules.length;
  }

  /** What every fresh program has in it: the modules, loaded in their order. */
  loads(): Step[] {
    return this.target.modules.map((_, module) => ({ kind: 'load', module, params: {} }));
  }

  next(corpus: Corpus | null): Program {
    if (corpus === null || corpus.size === 0 || this.one_in(FRESH_ONE_IN)) return this.fresh();
    return this.mutate(corpus.pick(this.random), corpus);
  }

  private one_in(n: number): boolean {
    return this.random.below(n) === 0;
  }

  fresh(): Program {
    const before = this.one_in(8) ? [this.early()] : [];
    const steps = [...before, ...this.loads().map((step) => (step.kind === 'load' && this.one_in(8) ? { ...step, params: this.params(step.module) } : step))];
    const length = 1 + this.random.below(this.steps_max - this.target.modules.length);
    while (steps.length < length + this.target.modules.length) steps.push(this.step());
    return { steps, draw: this.draw() };
  }

  private draw(): Draw {
    const by = oneOf(this.random, ['nobody', 'nobody', 'random', 'pct'] as const);
    return by === 'nobody' ? { by, seed: 0, length: 0 } : { by, seed: this.random.u32(), length: by === 'pct' ? this.longest : 0 };
  }

  /** What makes sense before the modules are loaded. */
  private early(): Step {
    const { irqs } = this.surface;
    if (irqs.size > 0 && this.one_in(2)) return { kind: 'arm', irq: oneOf(this.random, [...irqs]) };
    return this.fail();
  }

  private fail(): Step {
    return { kind: 'fail', what: this.one_in(4) ? 'page' : 'slab', nth: 1 + this.random.below(4) };
  }

  private step(): Step {
    const { random, surface } = this;
    const kinds: Step['kind'][] = ['advance', 'fail', 'load', 'unload'];
    if (surface.calls.size > 0) kinds.push(...Array<'call'>(12).fill('call'));
    if (surface.irqs.size > 0) kinds.push('raise', 'raise', 'raise', 'arm', 'arm', 'lower');
    const kind = oneOf(random, kinds);
    switch (kind) {
      case 'call': {
        const [name, args] = oneOf(random, [...surface.calls]);
        return { kind, name, args: args.map((arg) => drawValue(random, arg, this.constants.list)), together: this.one_in(4) };
      }
      case 'raise':
      case 'lower':
      case 'arm':
        return { kind, irq: oneOf(random, [...surface.irqs]) };
      case 'advance':
        return { kind, ns: oneOf(random, TIMES_NS) };
      case 'fail':
        return this.fail();
      case 'load': {
        const module = random.below(this.target.modules.length);
        return { kind, module, params: this.one_in(4) ? this.params(module) : {} };
      }
      case 'unload':
        return { kind, module: random.below(this.target.modules.length) };
    }
  }

  /** One of the module's parameters has another value than its default. */
  private params(module: number): Record<string, string | number> {
    const free = this.surface.params.get(module) ?? [];
    if (free.length === 0) return {};
    const { name, type } = oneOf(this.random, free);
    return { [name]: this.param(type) };
  }

  private param(type: ParamType): string | number {
    if (type === 'charp') return oneOf(this.random, TEXTS);
    if (type === 'bool' || type === 'invbool') return oneOf(this.random, ['N', 'Y']);
    return drawValue(this.random, this.one_in(2) ? { from: 0, to: 16 } : 'int', this.constants.list) as number;
  }

  private mutate(program: Program, corpus: Corpus): Program {
    let { draw } = program;
    const steps = [...program.steps];
    for (let left = this.one_in(2) ? 1 : 1 + this.random.below(MUTATIONS_MAX); left > 0; left--) {
      switch (this.random.below(8)) {
        case 0:
        case 1:
        case 2:
        case 3:
          // What a program has come to is built upon at its end, as a rule.
          steps.splice(this.one_in(2) ? steps.length : this.random.below(steps.length + 1), 0, this.step());
          break;
        case 4:
          if (steps.length > 1) steps.splice(this.random.below(steps.length), 1);
          break;
        case 5: {
          if (steps.length === 0) break;
          const at = this.random.below(steps.length);
          steps[at] = this.changed(steps[at]!);
          break;
        }
        case 6: {
          const other = corpus.pick(this.random).steps;
          const from = this.random.below(other.length + 1);
          steps.splice(this.random.below(steps.length + 1), steps.length, ...other.slice(from));
          break;
        }
        default:
          draw = this.draw();
      }
    }
    while (steps.length > this.steps_max) steps.splice(this.random.below(steps.length), 1);
    return { steps, draw };
  }

  private changed(step: Step): Step {
    const { random, surface } = this;
    switch (step.kind) {
      case 'call': {
        const kinds = surface.calls.get(step.name)!;
        if (step.args.length === 0 || this.one_in(6)) return { ...step, together: !step.together };
        const at = random.below(step.args.length);
        return { ...step, args: step.args.map((value, i) => (i === at ? mutateValue(random, kinds[i]!, value, this.constants.list) : value)) };
      }
      case 'load':
        return { ...step, params: this.params(step.module) };
      case 'advance':
        return { ...step, ns: oneOf(random, TIMES_NS) };
      case 'fail':
        return this.fail();
      case 'raise':
      case 'lower':
      case 'arm':
      case 'unload':
        return this.step();
    }
  }
}
