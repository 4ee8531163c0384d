/**
 * The cost of an interrupt: from raising an idle line in process context until the handler has returned and the
 * interrupted code goes on; and what of it stays on the JavaScript heap.
 */
import { getHeapStatistics } from 'node:v8';
import { arch, boot, headers, point } from '../../build/bench/test/bench/common/internals.js';
import { bench, count as countOf, must, run } from './common/measure.mjs';

const { IRQ_HANDLED, IRQF_SHARED, IRQF_TRIGGER_HIGH, request_irq } = headers.interrupt;
const { irq_set_irqchip_state, IRQCHIP_STATE_PENDING } = headers.irq;
const { irq_create_mapping, irq_domain_create_sim } = headers.irqdomain;

const OPS = 1000;
const machine = boot();
let handled = 0;
const chip = machine.run(() => {
  const sim = irq_create_mapping(irq_domain_create_sim(null, 1), 0);
  const count = () => {
    handled++;
    return IRQ_HANDLED;
  };
  request_irq(sim, count, 0, 'sim', null);
  request_irq(40, count, 0, 'edge', null);
  request_irq(41, () => {
    handled++;
    live.irq_lower(41);
    return IRQ_HANDLED;
  }, IRQF_TRIGGER_HIGH, 'level', null);
  for (const dev of [1, 2, 3]) request_irq(42, count, IRQF_SHARED, 'shared', dev);
  return sim;
});
const live = arch.irqchip;

/** By the controller, as a device does, and taken at the next preemption point. */
const raised = (irq) => () => {
  for (let i = 0; i < OPS; i++) {
    live.irq_raise(irq);
    point();
  }
};
/** By a simulated line, which is taken before the call returns. */
const fired = () => {
  for (let i = 0; i < OPS; i++) irq_set_irqchip_state(chip, IRQCHIP_STATE_PENDING, true);
};

const cases = { 'simulated line': fired, 'edge line': raised(40), 'level line': raised(41), 'shared line, three handlers': raised(42) };
for (const [name, body] of Object.entries(cases)) {
  const before = handled;
  machine.run(body);
  must(handled - before === OPS * (name.includes('three') ? 3 : 1), `${name}: ${handled - before} calls of handlers for ${OPS} interrupts`);
  bench(`${name} x${OPS}`, () => {
    machine.run(body);
  });
}
bench('machine.run() of nothing', () => {
  machine.run(() => undefined);
});
const { benchmarks } = await run();
console.log('\nraise to the return of the handler, median (goal: 300 ns):');
for (const { alias, runs } of benchmarks.slice(0, -1)) console.log(`  ${alias.replace(` x${OPS}`, '')}: ${(runs[0].stats.p50 / OPS).toFixed(0)} ns`);

console.log('\nbytes on the JavaScript heap, each interrupt:');
for (const [name, body] of Object.entries(cases)) {
  const rounds = countOf(100, 5);
  const bytes = machine.run(() => {
    body();
    globalThis.gc?.();
    const before = getHeapStatistics().used_heap_size;
    for (let i = 0; i < rounds; i++) body();
    return getHeapStatistics().used_heap_size - before;
  });
  console.log(`  ${name}: ${(bytes / (rounds * OPS)).toFixed(2)}`);
}
console.log(`${handled} interrupts handled`);
machine.powerOff();
