import { expect, test } from 'vitest';
import { explore, ExplorationFailure, type Machine } from 'ringzero';

const UPDATE = `
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
let x = 0;
const done = DECLARE_COMPLETION('done');
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
  return x === 2 ? 0 : -5;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
`;

const READER = `
import { free_irq, IRQ_HANDLED, request_irq, type irqreturn_t } from 'ringzero/linux/interrupt';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
let low = 0;
let high = 0;
function tick(): irqreturn_t {
  low++;
  high++;
  return IRQ_HANDLED;
}
let torn = false;
module_init(() => {
  request_irq(5, tick, 0, 'tick', null);
  const first = low;
  const second = high;
  torn = first !== second;
  return torn ? -5 : 0;
});
module_exit(() => { free_irq(5, null); });
MODULE_LICENSE('GPL');
`;

function reportOf(scenario: (machine: Machine) => void): string {
  try {
    explore({}, scenario);
  } catch (error) {
    if (error instanceof ExplorationFailure) return error.message;
    throw error;
  }
  throw new Error('nothing was found');
}

test('a lost update passes where the other CPU comes after the store', () => {
  const report = reportOf((machine) => { machine.insmod({ name: 'update', source: UPDATE }); });
  expect(report).toMatch(/^passes if the switch from CPU \d to CPU \d at update\.ts:9 comes 1 step later$/m);
});

test('a torn read passes where the interrupt comes outside of it', () => {
  const report = reportOf((machine) => {
    machine.arm(5);
    machine.insmod({ name: 'reader', source: READER });
    machine.rmmod('reader');
  });
  expect(report).toMatch(/^passes if irq 5 on CPU 0 at reader\.ts:15 comes 1 step later$/m);
});
