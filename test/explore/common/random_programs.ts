/** Random programs of two threads and an interrupt, as the source text of a module. */
import fc from 'fast-check';

// A program: what each of two threads, and an interrupt's handler, does with three variables, a buffer and two locks.

export type Part = readonly string[];

const NAMES = ['x', 'y', 'z'] as const;
// One of them more often than the others: so that there is something to lose.
const name = fc.constantFrom('x' as const, ...NAMES, 'x' as const);
const field = fc.constantFrom('count' as const, 'flag' as const);
const small = fc.integer({ min: 1, max: 3 });

/** `seen` is the thread's own: all that it reads ends up there. */
export const statement = fc.oneof(
  fc.tuple(name, small).map(([a, n]) => `${a} = ${n};`),
  fc.tuple(name, name, small).map(([a, b, n]) => `${a} = ${b} + ${n};`),
  name.map((a) => `seen = seen * 5 + ${a};`),
  name.map((a) => `${a}++;`),
  fc.tuple(name, name).map(([a, b]) => `if (${a} > 1) ${b} = 2; else ${b} += 1;`),
  name.map((a) => `{ const read = ${a};\n  seen = seen * 7 + read; }`),
  name.map((a) => `seen += twice(${a});`),
  name.map((a) => `bump_${a}();`),
  name.map((a) => `for (let i = 0; i < 2; i++) ${a} += i;`),
  name.map((a) => `cell.at(box!).count += ${a};`),
  fc.constant('seen = seen * 3 + cell.at(box!).count;'),
  name.map((a) => `${a} = cell.at(box!).count;`),
  fc.tuple(field, small).map(([a, n]) => `cell.at(box!).${a} = ${n};`),
  field.map((a) => `cell.at(box!).${a} += 2;`),
  field.map((a) => `{ const here = cell.at(box!); if (here.${a} > 1) here.count = 7; else seen++; }`),
  field.map((a) => `seen = seen * 3 + cell.at(box!).${a};`),
  { weight: 1, arbitrary: fc.constantFrom('memset(box, 1, sizeof(cell));', 'wipe();') },
  fc.tuple(name, name).map(([a, b]) => `{ const own = kzalloc(sizeof(cell), GFP_ATOMIC); const here = cell.at(own!); here.count = ${a}; here.flag += here.count; ${b} = 1; seen += here.flag; kfree(own); }`),
  fc.tuple(name, name).map(([a, b]) => `while (${a} < 3) { ${a}++; if (${b} > 1) break; }`),
  fc.tuple(name, name).map(([a, b]) => `try { ${a} = 4; if (${b} === 0) throw new Error('none'); seen++; } catch { ${b} = 3; } finally { seen += ${a}; }`),
  fc.tuple(name, name).map(([a, b]) => `switch (${a}) { case 1: ${b} = 2; break; default: ${b}++; }`),
  fc.tuple(name, name).map(([a, b]) => `{ let held = ${a}; const put = () => { held += ${b}; ${a} = held; }; put(); seen += held; }`),
  fc.tuple(name, name).map(([a, b]) => `list_of(() => ${a}, () => { ${b} = 6; });`),
  fc.tuple(name, small).map(([a, n]) => `if (level.value > ${n}) ${a} = 2; else seen += level.value;`),
  name.map((a) => `level.value = ${a};`),
  small.map((n) => `atomic_add(${n}, total);`),
  name.map((a) => `atomic_set(total, ${a});`),
  name.map((a) => `${a} = atomic_inc_return(total);`),
  fc.constant('if (test_and_set_bit(1, box)) seen += 9;'),
  name.map((a) => `if (try_wait_for_completion(ready)) ${a} = 8;`),
  fc.constant('complete(ready);'),
  fc.constant('tasklet_schedule(soft);'),
  name.map((a) => `seen += read_and_clear_${a}();`),
  name.map((a) => `seen = seen * 5 + ${a}++;`),
  fc.tuple(name, name).map(([a, b]) => `${a} += ${b};`),
  fc.tuple(name, name).map(([a, b]) => `[${a}, ${b}] = [${b}, ${a}];`),
  fc.tuple(name, name, fc.constantFrom('||=', '&&=', '??=')).map(([a, b, or]) => `${a} ${or} ${b};`),
  fc.tuple(name, name).map(([a, b]) => `${a} = ${a} > 1 ? ${b} : ${a} + 1;`),
  fc.tuple(name, name, small).map(([a, b, n]) => `${a} || (${b} = ${n});`),
  fc.tuple(name, name).map(([a, b]) => `${a} = twice(${b});`),
  name.map((a) => `shared.n += ${a};`),
  fc.constantFrom('shared.n++;', 'seen += shared.list[shared.n++ & 1]++;', 'seen = seen * 3 + shared.list[0];', 'level.value++;'),
  name.map((a) => `${a} = Math.max(${a}, shared.list[1]);`),
  name.map((a) => `cell.at(box!).count += ${a}++;`),
);

const locked = fc.tuple(fc.constantFrom('m', 'n'), fc.array(statement, { minLength: 1, maxLength: 2 })).map(([lock, body]) => ['{', lock === 'n' ? 'flags = spin_lock_irqsave(n);' : 'spin_lock(m);', ...body, lock === 'n' ? 'spin_unlock_irqrestore(n, flags);' : 'spin_unlock(m);', '}'].join('\n  '));

/** Both locks, always in the same order. */
const nested = fc.array(statement, { minLength: 1, maxLength: 2 }).map((body) => ['{', 'spin_lock(m);', body[0]!, 'flags = spin_lock_irqsave(n);', ...body, 'spin_unlock_irqrestore(n, flags);', 'spin_unlock(m);', '}'].join('\n  '));

/** May sleep. */
const byMutex = fc.array(statement, { minLength: 1, maxLength: 2 }).map((body) => ['{', 'mutex_lock(big);', ...body, 'mutex_unlock(big);', '}'].join('\n  '));

const bySemaphore = fc.array(statement, { minLength: 1, maxLength: 2 }).map((body) => ['{', 'down(turn);', ...body, 'up(turn);', '}'].join('\n  '));

/** Against interrupts, or against the other tasks of the CPU. */
const quiet = fc.tuple(fc.constantFrom(['local_irq_disable();', 'local_irq_enable();'], ['preempt_disable();', 'preempt_enable();'], ['local_bh_disable();', 'local_bh_enable();']), fc.array(statement, { minLength: 1, maxLength: 2 })).map(([[off, on], body]) => ['{', off, ...body, on, '}'].join('\n  '));

export const part: fc.Arbitrary<Part> = fc.array(fc.oneof({ weight: 4, arbitrary: statement.map((one) => `{ ${one} }`) }, { weight: 3, arbitrary: locked }, nested, byMutex, bySemaphore, quiet, fc.constant('schedule_work(later);'), name.map((a) => `if (wait_for_completion_timeout(ready, 1) === 0) ${a} = ${a} * 3 + 1;`)), { minLength: 1, maxLength: 3 });

/** One that takes a lock that a thread holds on its CPU would wait for ever; nobody disables interrupts here but with n. */
const inInterrupt = statement.filter((one) => !one.includes('bump'));
const lockedInInterrupt = fc.array(inInterrupt, { minLength: 1, maxLength: 2 }).map((body) => ['{', 'spin_lock(n);', ...body, 'spin_unlock(n);', '}'].join('\n  '));
export const handler: fc.Arbitrary<Part> = fc.array(fc.oneof(inInterrupt.map((one) => `{ ${one} }`), lockedInInterrupt), { minLength: 1, maxLength: 2 });

/** With `settled` the threads have ended before the module's start has. */
export function sourceOf(a: Part, b: Part, irq: Part | null, settled = false): string {
  return `
import { atomic_add, atomic_inc_return, atomic_read, atomic_set, ATOMIC_INIT } from 'ringzero/linux/atomic';
import { test_and_set_bit } from 'ringzero/linux/bitops';
import { complete, DECLARE_COMPLETION, try_wait_for_completion, wait_for_completion, wait_for_completion_timeout } from 'ringzero/linux/completion';
import { msleep } from 'ringzero/linux/delay';
import { ENOMEM } from 'ringzero/linux/errno';
import { DECLARE_TASKLET, free_irq, IRQ_HANDLED, request_irq, tasklet_kill, tasklet_schedule } from 'ringzero/linux/interrupt';
import { kthread_run } from 'ringzero/linux/kthread';
import { local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { local_bh_disable, local_bh_enable } from 'ringzero/linux/bottom_half';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { DEFINE_SEMAPHORE, down, up } from 'ringzero/linux/semaphore';
import { int, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { GFP_ATOMIC, GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irqsave, spin_unlock, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
import { memset } from 'ringzero/linux/string';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
import { DECLARE_WORK, flush_work, schedule_work } from 'ringzero/linux/workqueue';
const cell = struct('cell', { count: u32, pad: u32, flag: u32 });
const m = DEFINE_SPINLOCK('m');
const n = DEFINE_SPINLOCK('n');
const big = DEFINE_MUTEX('big');
const level = module_param('level', int, 2, 0);
const later = DECLARE_WORK(() => { x = x + 2; });
const total = ATOMIC_INIT(0);
const done = DECLARE_COMPLETION('done');
const ready = DECLARE_COMPLETION('ready');
const turn = DEFINE_SEMAPHORE('turn');
const soft = DECLARE_TASKLET('soft', () => { y = y * 2 + x; });
const results = [0, 0, 0];
const shared = { n: 0, list: [0, 1] };
let x = 0;
let y = 0;
let z = 0;
let box = null;
function wipe() { memset(box, 0, sizeof(cell)); }
function twice(v) { return v * 2; }
function list_of(...all) { for (const one of all) one(); }
${NAMES.map((a) => `function bump_${a}() {\n  ${a} = ${a} + 1;\n}`).join('\n')}
${NAMES.map((a) => `function read_and_clear_${a}() {\n  const read = ${a};\n  ${a} = 0;\n  return read;\n}`).join('\n')}
function first() {
  let seen = 0;
  let flags = 0;
  ${a.join('\n  ')}
  results[0] = seen;
  complete(done);
  return 0;
}
function second() {
  let seen = 0;
  let flags = 0;
  ${b.join('\n  ')}
  results[1] = seen;
  complete(done);
  return 0;
}
function interrupt() {
  let seen = 0;
  ${(irq ?? []).join('\n  ')}
  results[2] = seen;
  return IRQ_HANDLED;
}
module_init(() => {
  box = kzalloc(sizeof(cell), GFP_KERNEL);
  if (box === null) return -ENOMEM;
  wipe();
  const err = request_irq(5, interrupt, 0, 'program', m);
  kthread_run(first, null, 'first');
  kthread_run(second, null, 'second');
  wait_for_completion(done);
  wait_for_completion(done);
  ${settled ? 'msleep(1);' : ''}
  return err;
});
module_exit(() => {
  flush_work(later);
  tasklet_kill(soft);
  free_irq(5, m);
  pr_info('outcome %d %d %d %d %d %d %d %d %d %d\\n', shared.n * 100 + shared.list[0] * 10 + shared.list[1], x + 100 * level.value, y, z, results[0], results[1], results[2], cell.at(box).count, cell.at(box).flag, atomic_read(total));
  kfree(box);
});
MODULE_LICENSE('GPL');
`;
}
