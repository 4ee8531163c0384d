/** Every rule has a page, and the violation on the page is reported under the headline on the page. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { boot, type Machine, rules, type RuleName } from 'ringzero';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

function page(rule: string): { setting: string; headline: string; source: string } {
  const text = readFileSync(`docs/rules/${rule}.md`, 'utf8');
  const [, setting, headline] = /Setting: `(\w+)`\. Headline: `([^`]+)`/.exec(text) ?? [];
  const [, source] = /## A violation\s+```ts\n([\s\S]*?)```/.exec(text) ?? [];
  if (setting === undefined || headline === undefined || source === undefined) throw new Error(`docs/rules/${rule}.md has another shape`);
  return { setting, headline, source };
}

describe.each(Object.keys(rules) as RuleName[])('%s', (rule) => {
  test('has a page that says how it is set', () => {
    machine = boot();
    expect(existsSync(`docs/rules/${rule}.md`)).toBe(true);
    expect(page(rule).setting).toBe(rules[rule]);
  });

  test('its example breaks it', () => {
    const { headline, source } = page(rule);
    machine = boot({ rules: { [rule]: 'panic' }, cpus: 1 });
    const load = (): void => {
      if (rule === 'async') {
        machine.insmod({
          name: 'late',
          body: () => {
            module_init((async () => Promise.resolve(0)) as unknown as () => number);
            MODULE_LICENSE('GPL');
          },
        });
      } else machine.insmod({ name: rule.replaceAll('-', '_'), source });
    };
    expect(load).toThrow(headline);
    expect(machine.dmesg()).toContain(headline);
    expect(machine.dmesg()).toContain('Kernel panic - not syncing');
  });
});
