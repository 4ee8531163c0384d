import { expect, test } from 'vitest';
import { boot } from 'ringzero';
import { IS_ERR, PTR_ERR } from 'ringzero/linux/err';
import { EAGAIN } from 'ringzero/linux/errno';
import { kthread_create, kthread_run } from 'ringzero/linux/kthread';

test('threads for which there is no room are refused with -EAGAIN', () => {
  const machine = boot();
  const [made, refused, ran] = machine.run(() => {
    for (let i = 0; ; i++) {
      const task = kthread_create(() => 0, null, 'k%d', i);
      if (IS_ERR(task)) return [i, PTR_ERR(task), PTR_ERR(kthread_run(() => 0, null, 'late') as unknown as number)];
    }
  });
  expect(made).toBeGreaterThan(3900);
  expect([refused, ran]).toEqual([-EAGAIN, -EAGAIN]);
  machine.powerOff();
});
