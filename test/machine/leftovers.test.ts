import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const FIXTURE = fileURLToPath(new URL('../module/fixtures/stray_call.ts', import.meta.url));

const AT = String.raw`by \S.*  \S*stray_call\.ts:\d+:\d+ \[stray_call\]$`;

test.each([
  ['irq', 'interrupt', `irq 5 is still requested by 'stray' of module stray_call, requested `],
  ['irq thread', 'interrupt', `irq 5 is still requested by 'stray' of module stray_call, requested `],
  ['timer', 'timer', String.raw`timer 0x\w+ is still pending: stray \[stray_call\], armed `],
  ['hrtimer', 'hrtimer', String.raw`hrtimer 0x\w+ is still pending: stray \[stray_call\], started `],
  ['rcu', 'rcu', String.raw`RCU callback of 0x\w+ still waits for a grace period: stray \[stray_call\], handed over `],
  ['delayed work', 'work', String.raw`delayed work 0x\w+ still waits for its delay: stray \[stray_call\], queued `],
  ['thread', 'thread', String.raw`thread stray/\d+ still lives: \S+ \[stray_call\], made `],
  ['softirq', 'softirq', String.raw`softirq '3 \(NET_RX\)' is still open, opened `],
  ['shrinker', 'shrinker', `shrinker 'stray' is still registered, registered `],
  ['queue', 'workqueue', `work queue 'stray' still exists, made `],
  ['cache', 'cache', `slab cache 'stray' still exists, made `],
  ['domain', 'domain', `irq domain 'stray' still exists, made `],
  ['mapping', 'mapping', String.raw`irq '24 \(line 2 of stray\)' is still mapped, mapped `],
  ['mempool', 'mempool', String.raw`memory pool '0x\w+ \(2 in reserve\)' still exists, made `],
  ['embedded mempool', 'mempool', String.raw`memory pool '0x\w+ \(2 in reserve\)' still exists, made `],
  ['dma pool', 'dma-pool', `DMA pool 'stray' still exists, made `],
  ['dma mapping', 'dma', String.raw`DMA mapping 0x\w+ \(size 64\) of stray 0000:00:03\.0 still exists, mapped `],
  ['dma memory', 'dma', String.raw`DMA memory 0x\w+ \(size 64\) of stray 0000:00:03\.0 still exists, allocated `],
  ['disk', 'disk', `disk 'stray' is still registered, added `],
  ['tasklet', 'tasklet', String.raw`tasklet 0x\w+ is still scheduled: stray \[stray_call\], set up `],
])('a %s that a module leaves behind is told by name, kind and line', (where, kind, text) => {
  machine = boot({ cpus: 1, rules: { kmemleak: 'off' } });
  machine.insmod(FIXTURE, { where });
  expect(machine.leftovers()).toEqual([]);
  machine.rmmod('stray_call');
  const left = machine.leftovers().filter((leftover) => leftover.kind !== 'memory');
  expect(left).toEqual([{ kind, text: expect.stringMatching(`^${text}${AT}`) as string }]);
});

test('what runs while the machine stands still is told, too', () => {
  machine = boot({ cpus: 1, rules: { kmemleak: 'off' } });
  machine.insmod({
    name: 'busy',
    source: `
import { module_init, module_exit } from 'ringzero/linux/module';
import { DECLARE_WORK, schedule_work } from 'ringzero/linux/workqueue';
import { msleep } from 'ringzero/linux/delay';
const work = DECLARE_WORK('work', function slow() { msleep(1000); });
module_init(() => { schedule_work(work); return 0; });
module_exit(() => undefined);
`,
  });
  machine.advance(1_000_000);
  expect(machine.leftovers()).toEqual([{ kind: 'work', text: expect.stringMatching(/^work 0x\w+ still runs: slow \[busy\], queued by \S+  busy\.ts:\d+:\d+ \[busy\]$/) as string }]);
  machine.outlive();
  expect(machine.leftovers()).toEqual([]);
});
