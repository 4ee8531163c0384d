/** What is fuzzed: modules, and the ways to reach them. */
import { NR_IRQS } from '../../kernel/arch/irqchip.js';
import { shown } from '../../kernel/lib/shown.js';
import type { ModuleParams } from '../../kernel/module/main.js';
import { moduleNamed } from '../loader/resolve.js';
import { MachineError } from '../machine/errors.js';
import type { Machine } from '../machine/machine.js';

/**
 * What an argument of a call can be: an integer, of a range or any of 32 bits; one of some values; a buffer of at most
 * so many bytes; how long the buffer is that is the argument of that number, from 0; what an earlier call returned
 * last (0 where there was none).
 */
export type Argument =
  | { readonly from: number; readonly to: number }
  | 'int'
  | { readonly oneOf: readonly (number | string | boolean | null)[] }
  | { readonly bytes: number }
  | { readonly lengthOf: number }
  | { readonly result: string };

export interface CallDescription {
  readonly args: readonly Argument[];
  /**
   * Makes the call, as host code: a buffer is a Uint8Array. Without it, it is the exported function of the call's
   * name, and a buffer is kernel memory for as long as the call lasts.
   */
  // A method, so that its parameters may have the types that `args` says.
  run?(this: void, machine: Machine, ...args: never[]): unknown;
}

export type Calls = Readonly<Record<string, CallDescription>>;

/** A module's file or folder, or a source text; its parameters stay what they are here, the others vary. */
export interface TargetModule {
  readonly module: string | { readonly name: string; readonly source: string };
  readonly params?: ModuleParams;
}

export interface FuzzTarget {
  /** In the order of loading. */
  readonly modules: readonly TargetModule[];
  /**
   * Calls by name. An exported function that is not among them is called with as many integers as it has parameters.
   */
  readonly calls?: Calls;
  /** Interrupt lines, beside those that the modules request. */
  readonly irqs?: readonly number[];
  /** Prepares a machine that has just booted: plugs devices in, say. */
  readonly setup?: (machine: Machine) => void;
  /** The file that exports `calls` and `setup` under these names, for the tests that reproduce crashes. */
  readonly source?: string;
}

export interface LoadedModule {
  readonly what: string | { readonly name: string; readonly source: string };
  readonly name: string;
  readonly params: ModuleParams;
}

/** A target, checked. */
export interface Target {
  readonly modules: readonly LoadedModule[];
  readonly calls: Calls;
  readonly irqs: readonly number[];
  readonly setup: ((machine: Machine) => void) | null;
  readonly source: string | null;
}

const BYTES_MAX = 4096;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws a MachineError that says what is wrong with it. */
export function checkTarget(target: string | FuzzTarget): Target {
  const wanted: unknown = typeof target === 'string' ? { modules: [{ module: target }] } : target;
  if (!isObject(wanted) || !Array.isArray(wanted['modules'])) throw new MachineError("fuzz(): wants a module's file, or { modules: [{ module: 'driver.ts' }] }");
  const known = ['modules', 'calls', 'irqs', 'setup', 'source'];
  for (const key in wanted) if (!known.includes(key)) throw new MachineError(`fuzz(): a target has no '${key}'; there are ${known.join(', ')}`);
  const { modules, calls = {}, irqs = [], setup = null, source = null } = wanted as unknown as FuzzTarget;
  if (modules.length === 0) throw new MachineError('fuzz(): there is no module to fuzz');
  if (!isObject(calls)) throw new MachineError('fuzz(): calls are an object of descriptions, as in { write: { args: [{ bytes: 16 }] } }');
  for (const [name, call] of Object.entries(calls)) checkCall(name, call, calls);
  if (!Array.isArray(irqs)) throw new MachineError('fuzz(): irqs are a list of interrupt lines');
  for (const irq of irqs as readonly number[]) {
    if (!Number.isInteger(irq) || irq < 1 || irq >= NR_IRQS) throw new MachineError(`fuzz(): an interrupt line is an integer from 1 to ${NR_IRQS - 1}, got ${shown(irq)}`);
  }
  if (setup !== null && typeof setup !== 'function') throw new MachineError('fuzz(): setup is a function of the machine');
  if (source !== null && typeof source !== 'string') throw new MachineError('fuzz(): source is the path of a file');
  if (source === null && (setup !== null || Object.values(calls).some(({ run }) => run !== undefined))) {
    throw new MachineError("fuzz(): a target with setup, or with calls that have run(), names the file that exports them: { source: 'driver.fuzz.ts' }; a test that reproduces a crash imports it");
  }
  return { modules: modules.map(checkModule), calls, irqs, setup, source };
}

function checkModule(given: TargetModule): LoadedModule {
  const { module: what, params = {} } = given;
  if (typeof what === 'string') {
    // Loading says it better where there is no such file.
    return { what, name: moduleNamed(what), params };
  }
  if (isObject(what) && typeof what.name === 'string' && typeof what.source === 'string') return { what, name: what.name, params };
  throw new MachineError("fuzz(): a module is { module: 'driver.ts' } or { module: { name, source } }, with its params");
}

function checkCall(name: string, call: unknown, calls: Calls): void {
  if (!isObject(call) || !Array.isArray(call['args'])) throw new MachineError(`fuzz(): the call '${name}' is described as { args: [...] }`);
  if (call['run'] !== undefined && typeof call['run'] !== 'function') throw new MachineError(`fuzz(): run of the call '${name}' is a function of the machine and the arguments`);
  (call['args'] as readonly unknown[]).forEach((arg, i) => {
    if (!isArgument(arg, call['args'] as readonly unknown[], calls)) {
      throw new MachineError(`fuzz(): argument ${i + 1} of the call '${name}' is none of 'int', { from, to }, { oneOf: [...] }, { bytes: 1 to ${BYTES_MAX} }, { lengthOf: number of a buffer }, { result: 'another call' }`);
    }
  });
}

function isArgument(arg: unknown, all: readonly unknown[], calls: Calls): boolean {
  if (arg === 'int') return true;
  if (!isObject(arg)) return false;
  const { from, to, oneOf, bytes, lengthOf, result } = arg;
  if (Array.isArray(oneOf)) return oneOf.length > 0;
  if (bytes !== undefined) return Number.isInteger(bytes) && (bytes as number) >= 1 && (bytes as number) <= BYTES_MAX;
  if (lengthOf !== undefined) {
    const buffer = all[lengthOf as number];
    return isObject(buffer) && 'bytes' in buffer;
  }
  if (result !== undefined) return typeof result === 'string' && Object.hasOwn(calls, result);
  return Number.isInteger(from) && Number.isInteger(to) && (from as number) <= (to as number);
}
