// node test/bench/switch.mjs: what a stack costs, in both modes, beside the step of a generator: the
// cheapest way to stop and go on that JavaScript has by itself (and one that no callee can use).

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadStacks } from '../../build/bench/test/bench/common/internals.js';
import { measure } from './common/measure.mjs';

const stacks = loadStacks();
const UNIT = 100; // of each thing in one sample: a sample is then far longer than reading the clock

/** Median ns of one of the `UNIT * parts` things that `body` does UNIT times. */
async function ns(body, parts = 1) {
  const { p50 } = await measure(() => {
    for (let i = 0; i < UNIT; i++) body();
  });
  return p50 / UNIT / parts;
}

const generator = (function* () {
  for (;;) yield 0;
})();
const parked = stacks.spawn(() => {
  for (;;) stacks.switchTo(0);
});
const entry = () => 0;
const parkingEntry = () => (stacks.switchTo(0), 0);

const results = [
  ['generator step', await ns(() => generator.next())],
  ['switch', await ns(() => stacks.switchTo(parked), 2)],
  ['spawn from the pool, and drop', await ns(() => stacks.kill(stacks.spawn(entry)))],
  ['spawn, run to the end', await ns(() => stacks.switchTo(stacks.spawn(entry)))],
  [
    'spawn, run to a switch, kill',
    await ns(() => {
      const id = stacks.spawn(parkingEntry);
      stacks.switchTo(id);
      stacks.kill(id);
    }),
  ],
];
const step = results[0][1];
console.log(`${stacks.mode}, Node ${process.version}: median`);
for (const [name, time] of results) {
  console.log(`  ${name.padEnd(30)} ${time.toFixed(0).padStart(8)} ns ${(time / step).toFixed(1).padStart(8)} x`);
}

if (stacks.mode === 'fast') {
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], {
    stdio: 'inherit',
    env: { ...process.env, RINGZERO_SWITCH: 'portable' },
  });
  process.exitCode = status ?? 1;
}
