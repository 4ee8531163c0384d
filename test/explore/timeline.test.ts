/** A failing schedule is drawn as it went: each line behind what came before it, with what it found. */
import { expect, test } from 'vitest';
import { explore, ExplorationFailure, type Machine } from 'ringzero';

/** The table of the report, its rows without what fills them. */
function tableOf(scenario: (machine: Machine) => void, options: { faults?: number } = {}): string[] {
  try {
    explore({ strategy: 'exhaustive', ...options }, scenario);
  } catch (error) {
    if (!(error instanceof ExplorationFailure)) throw error;
    const lines = error.message.split('\n');
    const head = lines.findIndex((line) => line.startsWith('CPU 0'));
    return lines.slice(head, lines.indexOf('', head)).map((line) => line.replaceAll(/ {2,}/g, '  '));
  }
  throw new Error('nothing was found');
}

test('a line that its CPU stood before while another one ran comes behind what that one did', () => {
  const source = `import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { BUG_ON } from 'ringzero/linux/bug';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
const done = DECLARE_COMPLETION('done');
let x = 0;
function work(): number {
  const seen = x;
  x = seen + 1;
  complete(done);
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  BUG_ON(x !== 2);
  return 0;
});
MODULE_LICENSE('GPL');
`;
  expect(tableOf((machine) => { machine.insmod({ name: 'lost', source }); })).toEqual([
    'CPU 0  CPU 1',
    '  ... 4 more ...',
    "lost.ts:14  kthread_run(work, null, 'a');",
    "lost.ts:15  kthread_run(work, null, 'b');",
    'lost.ts:16  wait_for_completion(done);',
    'lost.ts:8  const seen = x;  x=0',
    '  lost.ts:8  const seen = x;  x=0',
    '  lost.ts:9  x = seen + 1;  x=0',
    '  lost.ts:10  complete(done);',
    '  lost.ts:11  return 0;',
    'lost.ts:9  x = seen + 1;  x=1',
    'lost.ts:10  complete(done);',
    'lost.ts:11  return 0;',
    // Nobody else could have come here: it is where the schedule fails.
    'lost.ts:17  wait_for_completion(done);',
    'lost.ts:18  BUG_ON(x !== 2);  x=1',
  ]);
});

test('a line that reads and writes has a second row where somebody came in between', () => {
  const source = `import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { BUG_ON } from 'ringzero/linux/bug';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
const done = DECLARE_COMPLETION('done');
let count = 0;
function work(): number {
  count++;
  complete(done);
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  BUG_ON(count !== 2);
  return 0;
});
MODULE_LICENSE('GPL');
`;
  const rows = tableOf((machine) => { machine.insmod({ name: 'count', source }); });
  const first = rows.indexOf('count.ts:8  count++;  count=0');
  expect(rows.slice(first, first + 5)).toEqual([
    'count.ts:8  count++;  count=0',
    '  count.ts:8  count++;  count=0',
    '  count.ts:9  complete(done);',
    '  count.ts:10  return 0;',
    'count.ts:8  ... count++;  count=1',
  ]);
});

test('it ends with the line that the kernel reports', () => {
  const source = `import { kthread_run } from 'ringzero/linux/kthread';
import { WARN_ON } from 'ringzero/linux/bug';
import { msleep } from 'ringzero/linux/delay';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
let x = 0;
function work(): number {
  const seen = x;
  x = seen + 1;
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  msleep(1);
  WARN_ON(x !== 2);
  x = 0;
  return 0;
});
MODULE_LICENSE('GPL');
`;
  const rows = tableOf((machine) => { machine.insmod({ name: 'warns', source }); });
  expect(rows.at(-1)).toBe('warns.ts:15  WARN_ON(x !== 2);  x=1');
});

test('and so does a line that an interrupt came before', () => {
  const source = `import { BUG_ON } from 'ringzero/linux/bug';
import { IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
let count = 0;
let seen = 0;
function interrupt() {
  count++;
  return IRQ_HANDLED;
}
module_init(() => {
  const err = request_irq(5, interrupt, 0, 'driver', interrupt);
  seen = count;
  BUG_ON(seen !== count);
  return err;
});
MODULE_LICENSE('GPL');
`;
  expect(tableOf((machine) => { machine.arm(5); machine.insmod({ name: 'driver', source }); }).slice(-6)).toEqual([
    'driver.ts:12  seen = count;  seen=0 count=0',
    '  -->  irq 5',
    'driver.ts:7  count++;  count=0',
    'driver.ts:8  return IRQ_HANDLED;',
    // It has read, and writes what it has read.
    'driver.ts:12  ... seen = count;  seen=0 count=1',
    'driver.ts:13  BUG_ON(seen !== count);  seen=0 count=1',
  ]);
});

test('an allocation that fails comes behind the line that asks for it', () => {
  const source = `import { BUG_ON } from 'ringzero/linux/bug';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
module_init(() => {
  const p = kmalloc(8, GFP_KERNEL);
  BUG_ON(p === null);
  kfree(p);
  return 0;
});
MODULE_LICENSE('GPL');
`;
  const rows = tableOf((machine) => { machine.insmod({ name: 'alloc', source }); }, { faults: 1 });
  const at = rows.indexOf('  -->  the allocation fails');
  expect(rows[at - 1]).toBe('alloc.ts:5  const p = kmalloc(8, GFP_KERNEL);');
});

/** Rows that have the text, without what is before it. */
const rowsWith = (rows: readonly string[], text: string): string[] => rows.filter((row) => row.includes(text)).map((row) => row.slice(row.indexOf(text)));

test('values are those of variables that functions share, whatever is in them, and of memory', () => {
  const source = `import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { BUG_ON } from 'ringzero/linux/bug';
import { atomic_inc, atomic_read, ATOMIC_INIT } from 'ringzero/linux/atomic';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
const cell = struct('cell', { count: u32 });
const done = DECLARE_COMPLETION('done');
const users = ATOMIC_INIT(3);
let box = null;
let name = 'a long name that is cut';
let last;
let list = [];
let late = 0;
function work() {
  atomic_inc(users);
  cell.at(box).count += 1;
  name = name + 1;
  last = last === null;
  list = list.concat(late);
  complete(done);
  return 0;
}
module_init(() => {
  box = kzalloc(sizeof(cell), GFP_KERNEL);
  late = 7;
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  const wrong = cell.at(box).count !== 2 || atomic_read(users) !== 5;
  kfree(box);
  BUG_ON(wrong);
  return 0;
});
MODULE_LICENSE('GPL');
`;
  const rows = tableOf((machine) => { machine.insmod({ name: 'values', source }); });
  expect(rowsWith(rows, 'atomic_inc').map((row) => row.replace(/[0-9a-f]{8}=/, 'WORD='))).toContain('atomic_inc(users);  WORD=3');
  // The word is the one that its variable points to.
  const [pointer] = rowsWith(rows, 'values.ts:18').map((row) => /box=0x([0-9a-f]{8}) (.*)$/.exec(row)!);
  expect(pointer![2]).toBe(`${pointer![1]!}=0`);
  expect(rowsWith(rows, 'name = name')[0]).toBe('name = name + 1;  name="a long name…"');
  expect(rowsWith(rows, 'last = last')[0]).toBe('last = last === null;  last=undefined');
  // What is in an object is not shown.
  expect(rowsWith(rows, 'list = list')[0]).toBe('list = list.concat(late);  late=7');
});

test('and what an object of theirs has, where it is the object that the line speaks of', () => {
  const source = `import { kthread_run } from 'ringzero/linux/kthread';
import { BUG_ON } from 'ringzero/linux/bug';
import { msleep } from 'ringzero/linux/delay';
import { int, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
const state = { count: 0, deep: { count: 1 }, get got() { throw new Error('asked'); } };
const more = module_param('more', int, 1);
function work() {
  const seen = state.count;
  state.count = seen + more.value;
  BUG_ON(state.deep.count !== 1 || typeof state.none === 'number');
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  msleep(1);
  BUG_ON(state.count !== 2);
  return 0;
});
MODULE_LICENSE('GPL');
`;
  const rows = tableOf((machine) => { machine.insmod({ name: 'object', source }); });
  expect(rowsWith(rows, 'const seen')).toEqual(['const seen = state.count;  state.count=0', 'const seen = state.count;  state.count=0']);
  expect(rowsWith(rows, 'state.count = ')[1]).toBe('state.count = se…  state.count=1 more.value=1');
});

test('local variables that hide one of the file have none of its values', () => {
  const source = `import { BUG_ON } from 'ringzero/linux/bug';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { msleep } from 'ringzero/linux/delay';
import { kthread_run } from 'ringzero/linux/kthread';
let x = 100;
function work() {
  x++;
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  {
    let x = 1;
    const add = () => { x++; };
    add();
    BUG_ON(x !== 1);
  }
  msleep(1);
  return x;
});
MODULE_LICENSE('GPL');
`;
  const rows = tableOf((machine) => { machine.insmod({ name: 'hides', source }); });
  expect(rowsWith(rows, 'hides.ts:14').concat(rowsWith(rows, 'BUG_ON')).filter((row) => row.includes('x='))).toEqual([]);
});

test('an access where there is no memory has found nothing', () => {
  const source = `import { kthread_run } from 'ringzero/linux/kthread';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { struct, u32, u64 } from 'ringzero/linux/types';
import { GFP_KERNEL, kzalloc } from 'ringzero/linux/slab';
const cell = struct('cell', { big: u64, count: u32 });
let at = null;
function work() {
  return 0;
}
module_init(() => {
  const box = kzalloc(16, GFP_KERNEL);
  kthread_run(work, null, 'a');
  cell.at(box).big = 0x1234567890abcdefn;
  cell.at(box).big += 0n;
  at = box;
  at = null;
  cell.at(at).count = 1;
  return 0;
});
MODULE_LICENSE('GPL');
`;
  const rows = tableOf((machine) => { machine.insmod({ name: 'null', source }); });
  expect(rowsWith(rows, 'cell.at(at)')).toEqual(['cell.at(at).count = 1;  at=null']);
  expect(rowsWith(rows, '+= 0n')[0]).toMatch(/^\+= 0n; {2}[0-9a-f]{8}=1311768467294899695$/);
});
