/**
 * What module code may take from its host: the pure part of ECMAScript, and nothing that reads a clock, draws a
 * random number, waits or talks to the outside, because a run must repeat from its seed.
 */

/** Names that mean the same in every run. `Math` is among them, but a module gets {@link kernelMath}. */
export const PURE: ReadonlySet<string> = new Set([
  'Object', 'Array', 'Map', 'Set', 'WeakMap', 'WeakSet', 'String', 'Number', 'Boolean', 'BigInt', 'Symbol', 'Math', 'JSON',
  'RegExp', 'Reflect', 'Proxy', 'NaN', 'Infinity', 'undefined', 'parseInt', 'parseFloat', 'isNaN', 'isFinite',
  'encodeURI', 'encodeURIComponent', 'decodeURI', 'decodeURIComponent',
  'Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError',
  'ArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
  'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array',
]);

const TIMER = 'use mod_timer() of ringzero/linux/timer, or msleep() of ringzero/linux/delay';
const CLOCK = 'use ktime_get() of ringzero/linux/ktime, or jiffies of ringzero/linux/jiffies';
const RANDOM = 'use get_random_u32() of ringzero/linux/random';
const RUNTIME_CODE = 'code that is made at run time has no preemption points';
export const SYNCHRONOUS = 'kernel code is synchronous: a function runs to its end on its own stack; sleep with msleep() or wait_event()';

/** Names that people reach for out of habit, and the kernel's own way. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['setTimeout', TIMER],
  ['setInterval', TIMER],
  ['clearTimeout', 'use del_timer_sync() of ringzero/linux/timer'],
  ['clearInterval', 'use del_timer_sync() of ringzero/linux/timer'],
  ['setImmediate', 'use schedule_work() of ringzero/linux/workqueue'],
  ['queueMicrotask', 'use schedule_work() of ringzero/linux/workqueue'],
  ['Date', CLOCK],
  ['performance', CLOCK],
  ['console', 'use printk() or pr_info() of ringzero/linux/printk'],
  ['crypto', RANDOM],
  ['Promise', SYNCHRONOUS],
  ['Buffer', 'use kmalloc() of ringzero/linux/slab, or a Uint8Array'],
  ['SharedArrayBuffer', 'use kmalloc() of ringzero/linux/slab'],
  ['Atomics', 'use atomic_t of ringzero/linux/atomic'],
  ['structuredClone', 'copy the fields that you need'],
  ['WeakRef', 'when garbage is collected differs from run to run'],
  ['FinalizationRegistry', 'when garbage is collected differs from run to run'],
  ['Intl', 'what it answers depends on the host'],
  ['eval', RUNTIME_CODE],
  ['Function', `${RUNTIME_CODE}; test for a function with typeof`],
  ['require', 'include kernel headers with: import { ... } from \'ringzero/linux/NAME\''],
  ['globalThis', 'keep state at the top level of the file'],
  ['global', 'keep state at the top level of the file'],
  ['window', 'there is no browser in the kernel'],
  ['process', 'there is no host process; the running task is `current` of ringzero/linux/sched'],
]);

/** Why module code may not use a name of the host; null for names that the host does not have either. */
export function hostNameError(name: string): string | null {
  const advice = ADVICE.get(name);
  if (advice !== undefined) return `'${name}' is not available in the kernel: ${advice}`;
  return Object.hasOwn(globalThis, name) ? `'${name}' belongs to the host, not to the kernel: a module includes kernel headers only` : null;
}

export const MATH_RANDOM = `Math.random() is not available in the kernel: ${RANDOM}`;

/** The `Math` of modules. Its random() cannot be reached under another name either. */
export const kernelMath: typeof Math = Object.freeze(
  Object.create(Object.prototype, {
    ...Object.getOwnPropertyDescriptors(Math),
    random: {
      value: function random(): never {
        throw new Error(MATH_RANDOM);
      },
    },
  }) as typeof Math,
);
