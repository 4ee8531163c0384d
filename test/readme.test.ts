/** What the README shows is what happens. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { boot, KernelPanic, type Machine } from 'ringzero';

const readme = readFileSync('README.md', 'utf8');

function block(after: string): string {
  const from = readme.indexOf(after);
  const text = /```(?:ts)?\n([\s\S]*?)```/.exec(readme.slice(from))?.[1];
  if (from < 0 || text === undefined) throw new Error(`README.md has no block after '${after}'`);
  return text;
}

const driver = block('## A driver');

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

describe('README', () => {
  test('the driver does what the test says', () => {
    machine = boot();
    machine.insmod({ name: 'counter', source: driver }, { irq: 7 });
    for (let i = 0; i < 3; i++) machine.raise(7);
    machine.rmmod('counter');
    expect(machine.log()).toContain('counter: 3 interrupts');
    expect(machine.leftovers()).toEqual([]);
  });

  test('the report is what the change to the driver gives', () => {
    const wrong = driver
      .replace("import { int", "import { GFP_KERNEL } from 'ringzero/linux/gfp';\nimport { kmalloc } from 'ringzero/linux/slab';\nimport { int")
      .replace('  count++;', '  kmalloc(64, GFP_KERNEL);\n  count++;');
    machine = boot();
    machine.insmod({ name: 'counter', source: wrong }, { irq: 7 });
    let report = '';
    try {
      machine.raise(7);
    } catch (error) {
      if (!(error instanceof KernelPanic)) throw error;
      report = error.report;
    }
    // The token has the machine's defaults in it, which change with every rule that is added.
    const masked = (text: string): string => text.replace(/rz2\.[\w-]+/, 'rz2...');
    expect(masked(`${report}\n`)).toBe(masked(block('## A report')));
  });
});
