/** A program: what is done to a machine, in order, and how its schedule is drawn. */
import type { ModuleParams } from '../../kernel/module/main.js';
import type { Value } from './values.js';

export type Step =
  /** insmod of the target's module of that number. */
  | { readonly kind: 'load'; readonly module: number; readonly params: ModuleParams }
  | { readonly kind: 'unload'; readonly module: number }
  /** `together`: it runs at the same time as the call that follows. */
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Value[]; readonly together: boolean }
  | { readonly kind: 'raise' | 'lower' | 'arm'; readonly irq: number }
  | { readonly kind: 'advance'; readonly ns: number }
  /** Of the modules' allocations to come, the `nth` fails. */
  | { readonly kind: 'fail'; readonly what: 'slab' | 'page'; readonly nth: number };

/** Who decides, where more than one CPU or interrupt could go on. */
export interface Draw {
  readonly by: 'nobody' | 'random' | 'pct';
  readonly seed: number;
  /** Points of the runs that pct reckons with. */
  readonly length: number;
}

/** What is loaded at its end is unloaded. */
export interface Program {
  readonly steps: readonly Step[];
  readonly draw: Draw;
}

export const CALM: Draw = { by: 'nobody', seed: 0, length: 0 };
