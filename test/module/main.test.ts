import { expect, test } from 'ringzero/vitest';

const source = (take: string): string => `
import { __module_get, module_exit, module_init, MODULE_LICENSE, module_put, THIS_MODULE, try_module_get, EXPORT_SYMBOL } from 'ringzero/linux/module';
module_init(() => { ${take} return 0; });
module_exit(() => undefined);
EXPORT_SYMBOL(function put() { module_put(THIS_MODULE); return 0; }, 'put');
MODULE_LICENSE('GPL');`;

test.for(['try_module_get(THIS_MODULE);', '__module_get(THIS_MODULE);'])('a reference that init takes on its own module holds it: %s', (take, { machine }) => {
  machine.insmod({ name: 'held', source: source(take) });
  expect(machine.lsmod()).toMatchObject([{ name: 'held', refcount: 1 }]);
  expect(() => {
    machine.rmmod('held');
  }).toThrow('EAGAIN');
  machine.run(machine.kernel.modules.find_symbol('put')!.value as () => number);
  machine.rmmod('held');
  expect(machine.lsmod()).toEqual([]);
});

test('init that puts what it took leaves its module free to go', ({ machine }) => {
  machine.insmod({ name: 'free', source: source('try_module_get(THIS_MODULE); module_put(THIS_MODULE);') });
  machine.rmmod('free');
  expect(machine).toBeClean();
});
