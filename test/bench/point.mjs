// An idle preemption point, beside a plain function call that counts.
import { boot, point, statement } from '../../build/bench/test/bench/common/internals.js';
import { bench, run, summary } from './common/measure.mjs';

const TURNS = 1000;
let counter = 0;
function plain() {
  counter = (counter + 1) | 0;
}

const machine = boot({ cpus: 1 });
const results = {};
/** The machine's clock runs only inside of run(): mitata's turns are timed outside, so each is a batch. */
summary(() => {
  bench(`plain call x ${TURNS}`, () => {
    machine.run(() => {
      for (let i = 0; i < TURNS; i++) plain();
    });
  });
  bench(`point() x ${TURNS}`, () => {
    machine.run(() => {
      for (let i = 0; i < TURNS; i++) point();
    });
  });
  bench(`statement() x ${TURNS}`, () => {
    machine.run(() => {
      for (let i = 0; i < TURNS; i++) statement(0);
    });
  });
  bench('an empty run()', () => {
    machine.run(() => undefined);
  });
});
const { benchmarks } = await run();
for (const { alias, runs } of benchmarks) results[alias] = runs[0].stats.p50;
const base = results['an empty run()'];
const each = (name) => (results[`${name} x ${TURNS}`] - base) / TURNS;
console.log(`\nper call, the empty run() taken off: plain ${each('plain call').toFixed(2)} ns, point() ${each('point()').toFixed(2)} ns, statement() ${each('statement()').toFixed(2)} ns (goal: 2 ns)`);
machine.powerOff();
