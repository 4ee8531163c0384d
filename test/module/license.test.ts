import { expect, test } from 'ringzero/vitest';
import { LoadError } from 'ringzero';

const source = (license: string): string => `
import { module_init, module_exit, MODULE_LICENSE } from 'ringzero/linux/module';
module_init(() => 0);
module_exit(() => undefined);
${license}`;

const TAINTS = 'dog: loading out-of-tree module taints kernel.';

test.for(['GPL', 'GPL v2', 'GPL and additional rights', 'Dual BSD/GPL', 'Dual MIT/GPL', 'Dual MPL/GPL'])('%s taints by being out of tree alone, and once', (license, { machine }) => {
  machine.insmod({ name: 'dog', source: source(`MODULE_LICENSE('${license}');`) });
  machine.insmod({ name: 'cat', source: source(`MODULE_LICENSE('${license}');`) });
  expect(machine.log()).toEqual([TAINTS]);
});

test.for([
  ["MODULE_LICENSE('Proprietary');", 'Proprietary'],
  ["MODULE_LICENSE('BSD');", 'BSD'],
  ['', 'unspecified'],
] as const)('%s taints, and ends the checks of locks', ([line, license], { machine }) => {
  machine.insmod({ name: 'dog', source: source(line) });
  expect(machine.log()).toEqual([TAINTS, `dog: module license '${license}' taints kernel.`, 'Disabling lock debugging due to kernel taint']);
  machine.insmod({ name: 'cat', source: source(line) });
  expect(machine.log()).toHaveLength(3);
});

test('a report names what has tainted the kernel, a column for each flag', ({ machine }) => {
  const warns = (license: string): string => `
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { WARN_ON } from 'ringzero/linux/bug';
module_init(() => { WARN_ON(true); WARN_ON(true); return -22; });
${license}`;
  machine.expectReport(/^WARNING: CPU: \d PID: \d+ at (?:dog|cat)\.ts/);
  const tainted = (): string[] => machine.log().flatMap((line) => /(?:Not tainted|Tainted: .*?) 6\.1/.exec(line)?.[0].slice(0, -4) ?? []);
  expect(() => {
    machine.insmod({ name: 'dog', source: warns("MODULE_LICENSE('GPL');") });
  }).toThrow('EINVAL');
  expect(tainted()).toEqual(['Tainted: G           O      ', 'Tainted: G        W  O      ']);
  expect(() => {
    machine.insmod({ name: 'cat', source: warns('') });
  }).toThrow('EINVAL');
  expect(tainted().at(-1)).toBe('Tainted: P        W  O      ');
});

test.for(['', 'export const n = 1;', "import { kmalloc } from 'ringzero/linux/slab';\nkmalloc(1, 0);"])('a file that declares no module is refused: %s', (text, { machine }) => {
  expect(() => {
    machine.insmod({ name: 'none', source: text });
  }).toThrow(LoadError);
  expect(() => {
    machine.insmod({ name: 'none', source: text });
  }).toThrow("none.ts: it declares no module. A module calls MODULE_LICENSE('GPL')");
});
