/** A failing schedule is drawn as it went: each line behind what came before it. */
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
    "lost.ts:15  kthread_run(work, null, 'b');",
    'lost.ts:16  wait_for_completion(done);',
    'lost.ts:8  const seen = x;',
    '  lost.ts:8  const seen = x;',
    '  lost.ts:9  x = seen + 1;',
    '  lost.ts:10  complete(done);',
    '  lost.ts:11  return 0;',
    'lost.ts:9  x = seen + 1;',
    'lost.ts:10  complete(done);',
    'lost.ts:11  return 0;',
  ]);
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
    'driver.ts:11  const err = request_irq(5, …',
    'driver.ts:12  seen = count;',
    '  -->  irq 5',
    'driver.ts:7  count++;',
    'driver.ts:8  return IRQ_HANDLED;',
    'driver.ts:13  BUG_ON(seen !== count);',
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
  expect(rows[at - 1]).toBe('alloc.ts:5  const p = kmalloc(8, GFP_KERN…');
});
