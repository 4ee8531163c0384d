// The life of a machine: boot, insmod of a cached module, rmmod, power off.
import { boot } from '../../build/bench/test/bench/common/internals.js';
import { bench, run, summary } from './common/measure.mjs';

const source = `
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { kfree, kmalloc } from 'ringzero/linux/slab';
import { GFP_KERNEL } from 'ringzero/linux/gfp';
let p: ReturnType<typeof kmalloc> = null;
module_init(() => {
  p = kmalloc(64, GFP_KERNEL);
  return p === null ? -12 : 0;
});
module_exit(() => {
  kfree(p);
});
MODULE_LICENSE('GPL');
`;

summary(() => {
  bench('boot + powerOff', () => {
    boot().powerOff();
  });
  bench('boot + insmod + rmmod + powerOff', () => {
    const machine = boot();
    machine.insmod({ name: 'small', source });
    machine.rmmod('small');
    machine.powerOff();
  });
});
const { benchmarks } = await run();
const whole = benchmarks.find(({ alias }) => alias.includes('insmod')).runs[0].stats.p50;
console.log(`\nboot + insmod + rmmod + powerOff: ${(whole / 1000).toFixed(1)} us (goal: 300 us)`);
