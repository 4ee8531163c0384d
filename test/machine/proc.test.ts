import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

test.each([
  ['buddyinfo', /^Node 0, zone +DMA( +\d+){11} ?$/m],
  ['meminfo', /^MemTotal: +\d+ kB$/m],
  ['zoneinfo', /^Node 0, zone +Normal$/m],
  ['slabinfo', /^slabinfo - version: 2\.1$/m],
  ['interrupts', /^ +4: +0 +0 .*serial$/m],
  ['modules', /^serial \d+ 0 - Live \(O\)$/m],
  ['allocinfo', /^allocinfo - version: 1.0$/m],
] as const)('/proc/%s', (file, expected) => {
  machine = boot();
  machine.insmod('modules/serial.ts');
  expect(machine.proc(file)).toMatch(expected);
});

test('/proc/vmallocinfo of a machine without areas is empty or a heading', () => {
  machine = boot();
  expect(machine.proc('vmallocinfo').split('\n').length).toBeLessThan(3);
});

test('a file that is not there is refused by name', () => {
  machine = boot();
  expect(() => machine.proc('cpuinfo' as 'meminfo')).toThrow(/no \/proc\/cpuinfo; there are allocinfo, buddyinfo/);
});
