/** Behind an interrupt, before the step that it came upon goes on, another CPU may come, or another interrupt. */
import { describe, expect, test } from 'vitest';
import { boot, explore, type Machine } from '../../runtime/index.js';

/** Interrupt 5 may come before one step, and no other place is before it and after the request; the other thread looks. */
const source = `
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { DECLARE_TASKLET, free_irq, IRQ_HANDLED, request_irq, tasklet_kill, tasklet_schedule } from 'ringzero/linux/interrupt';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
const done = DECLARE_COMPLETION('done');
const soft = DECLARE_TASKLET('soft', () => { x = x * 10 + 2; });
let x = 0;
let seen = 0;
module_init(() => {
  kthread_run(() => { seen = x; complete(done); return 0; }, null, 'looks');
  request_irq(6, () => { x = x * 10 + 6; return IRQ_HANDLED; }, 0, 'six', done);
  request_irq(5, () => { x = x * 10 + 1; tasklet_schedule(soft); return IRQ_HANDLED; }, 0, 'five', done);
  x = x * 10 + 9;
  wait_for_completion(done);
  return 0;
});
module_exit(() => {
  free_irq(5, done);
  free_irq(6, done);
  tasklet_kill(soft);
  pr_info('outcome %d seen %d\\n', x, seen);
});
MODULE_LICENSE('GPL');
`;

const run = (irqs: readonly number[]) => (machine: Machine): string => {
  for (const irq of irqs) machine.arm(irq);
  machine.insmod({ name: 'behind', source });
  machine.rmmod('behind');
  return /outcome.*/.exec(machine.dmesg())![0];
};

function schedules(irqs: readonly number[], interrupts: number, preemptions: number): Map<string, string> {
  const all = new Map<string, string>();
  explore({ strategy: 'exhaustive', interrupts, preemptions, schedules: 100_000, reduce: false }, (machine) => {
    const outcome = run(irqs)(machine);
    const token = machine.token();
    expect(all.has(token), token).toBe(false);
    all.set(token, outcome);
  });
  return all;
}

describe('before the very step that an interrupt came upon', () => {
  test('another CPU comes, when the tasklet has run', () => {
    expect([...schedules([5], 1, 1).values()]).toContain('outcome 129 seen 12');
  });

  test('another interrupt comes', () => {
    expect([...schedules([5, 6], 2, 0).values()]).toContainEqual(expect.stringMatching(/^outcome 1269 seen/));
  });
});

test('each schedule has a token of its own, which replays it', () => {
  const all = [...schedules([5, 6], 2, 1)];
  expect(all.length).toBeGreaterThan(500);
  for (const [token, outcome] of all.filter((_, i) => i % 7 === 0)) {
    const machine = boot({ replay: token });
    expect(run([5, 6])(machine), token).toBe(outcome);
    machine.powerOff();
  }
});
