/** Whether a program that an earlier run has kept is still one of what is fuzzed now. */
import type { Surface } from './play.js';
import type { Program } from './program.js';
import { fitsArgument } from './values.js';

/** `surface` is that of modules which have been loaded: a driver of today may lack a call, or want other arguments. */
export function fits({ steps }: Program, surface: Surface): boolean {
  return steps.every((step) => {
    if (step.kind === 'load') {
      const free = surface.params.get(step.module) ?? [];
      return Object.keys(step.params).every((name) => free.some((param) => param.name === name));
    }
    if (step.kind !== 'call') return true;
    const args = surface.calls.get(step.name);
    return args?.length === step.args.length && args.every((arg, i) => fitsArgument(arg, step.args[i]!));
  });
}
