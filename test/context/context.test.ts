/** What in_hardirq() and its like say in each context: Linux's layout of preempt_count, bit by bit. */
import { expect, test } from 'ringzero/vitest';
import { local_bh_disable, local_bh_enable } from 'ringzero/linux/bottom_half';
import { irqs_disabled, local_irq_disable, local_irq_enable, local_irq_restore, local_irq_save } from 'ringzero/linux/irqflags';
import {
  in_atomic, in_hardirq, in_interrupt, in_serving_softirq, in_softirq, in_task, preempt_count, preempt_disable, preempt_enable, preemptible,
} from 'ringzero/linux/preempt';
import { current } from 'ringzero/linux/sched';
import { contexts } from '../rule/contexts.js';

const observe = () => ({
  hardirq: in_hardirq(),
  serving: in_serving_softirq(),
  softirq: in_softirq(),
  interrupt: in_interrupt(),
  task: in_task(),
  atomic: in_atomic(),
  irqs_off: irqs_disabled(),
  preemptible: preemptible(),
  count: preempt_count().toString(16).padStart(8, '0'),
});

const PROCESS = { hardirq: 0, serving: 0, softirq: 0, interrupt: 0, task: 1, atomic: 0, irqs_off: 0, preemptible: 1, count: '00000000' };
const PREEMPT_OFF = { ...PROCESS, atomic: 1, preemptible: 0, count: '00000001' };
const IRQS_OFF = { ...PROCESS, irqs_off: 1, preemptible: 0 };
const SOFTIRQ = { ...PREEMPT_OFF, serving: 1, softirq: 1, interrupt: 1, task: 0, count: '00000100' };
const HARDIRQ = { ...PREEMPT_OFF, hardirq: 1, interrupt: 1, task: 0, irqs_off: 1, count: '00010000' };

const expected: Readonly<Record<string, ReturnType<typeof observe>>> = {
  process: PROCESS,
  'under a mutex': PROCESS,
  'a kernel thread': PROCESS,
  'a work queue': PROCESS,
  'a threaded interrupt': PROCESS,
  'under spin_lock': PREEMPT_OFF,
  'under spin_lock_bh': { ...PREEMPT_OFF, softirq: 1, interrupt: 1, count: '00000201' },
  'under spin_lock_irq': { ...PREEMPT_OFF, irqs_off: 1 },
  'under spin_lock_irqsave': { ...PREEMPT_OFF, irqs_off: 1 },
  'under read_lock': PREEMPT_OFF,
  'under write_lock': PREEMPT_OFF,
  'after a spinlock was given back': PROCESS,
  'preemption off': PREEMPT_OFF,
  'softirqs off': { ...PREEMPT_OFF, softirq: 1, interrupt: 1, count: '00000200' },
  'interrupts off': IRQS_OFF,
  'interrupts off and saved': IRQS_OFF,
  // The counter knows nothing of RCU, nor of non_block sections.
  'under rcu_read_lock': PROCESS,
  'a non_block section': PROCESS,
  'a hard interrupt of an idle CPU': HARDIRQ,
  'a hard interrupt on top of a task': HARDIRQ,
  'a softirq': SOFTIRQ,
  'a softirq after a hard interrupt': SOFTIRQ,
  'a tasklet': SOFTIRQ,
  'a timer': SOFTIRQ,
};

for (const context of contexts) {
  test(context.name, ({ machine }) => {
    let seen: unknown = null;
    context.enter(machine, () => {
      seen = observe();
    });
    expect(seen).toEqual(expected[context.name]);
    expect(machine.run(observe)).toEqual(PROCESS);
  });
}

test('each has its expectation', () => {
  expect(contexts.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
});

test('counts add up where contexts nest', ({ machine }) => {
  const counts = machine.run(() => {
    const seen: string[] = [];
    const note = (): number => seen.push(preempt_count().toString(16));
    preempt_disable();
    local_bh_disable();
    local_bh_disable();
    note();
    preempt_disable();
    note();
    local_bh_enable();
    preempt_enable();
    note();
    local_bh_enable();
    preempt_enable();
    note();
    return seen;
  });
  expect(counts).toEqual(['401', '402', '201', '0']);
});

test('local_irq_save() nests by its flags, local_irq_disable() does not', ({ machine }) => {
  const seen = machine.run(() => {
    const outer = local_irq_save();
    const inner = local_irq_save();
    const before = irqs_disabled();
    local_irq_restore(inner);
    const between = irqs_disabled();
    local_irq_restore(outer);
    const after = irqs_disabled();
    local_irq_disable();
    local_irq_disable();
    local_irq_enable();
    return [before, between, after, irqs_disabled()];
  });
  expect(seen).toEqual([1, 1, 0, 0]);
});

test('the counter belongs to the task: it is another one in each', ({ machine }) => {
  expect(machine.run(() => {
    preempt_disable();
    const inside = preempt_count();
    preempt_enable();
    return [inside, preempt_count(), current.comm];
  }, 'first')).toEqual([1, 0, 'first']);
});

test('a task may not end with preemption off: ending may sleep', ({ machine }) => {
  expect(() => {
    machine.run(() => {
      preempt_disable();
    });
  }).toPanic(/^BUG: sleeping function called from invalid context at include\/linux\/cgroup-defs\.h/);
});
