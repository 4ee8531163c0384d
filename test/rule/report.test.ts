/** What a sleeping allocation looks like on the screen. */
import { fileURLToPath } from 'node:url';
import { boot, KernelPanic, type Machine } from 'ringzero';
import { expect, test } from 'ringzero/vitest';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

function panicOf(fn: () => void): KernelPanic {
  try {
    fn();
  } catch (error) {
    if (error instanceof KernelPanic) return error;
    throw error;
  }
  throw new Error('no panic');
}

test.describe('in a hard interrupt, under a spinlock', () => {
  const panic = (machine: Machine): string[] => {
    machine.insmod(fixture('sleeps_in_irq'));
    return panicOf(() => {
      machine.raise(5);
    }).report.split('\n');
  };

  test('Linux\'s headline comes first', ({ machine }) => {
    expect(panic(machine).slice(0, 4)).toEqual([
      expect.stringMatching(/^BUG: sleeping function called from invalid context at include\/linux\/sched\/mm\.h:274$/),
      expect.stringMatching(/^in_atomic\(\): 1, irqs_disabled\(\): 1, non_block: 0, pid: 0, name: swapper\/\d$/),
      'preempt_count: 10001, expected: 0',
      'RCU nest depth: 0, expected: 0',
    ]);
  });

  test('then the user\'s own line', ({ machine }) => {
    const lines = panic(machine);
    const at = lines.findIndex((line) => line.startsWith('  --> '));
    expect(lines.slice(at, at + 3)).toEqual([
      expect.stringMatching(/^ {2}--> \S*sleeps_in_irq\.ts:12:\d+$/),
      '  12 |   const p = kmalloc(64, GFP_KERNEL);',
      expect.stringMatching(/^ {5}\| +\^$/),
    ]);
  });

  test('the locks that are held, by name and with the place where they were taken', ({ machine }) => {
    const lines = panic(machine);
    const at = lines.indexOf('1 lock held by swapper/0/0:');
    expect(at).toBeGreaterThan(0);
    expect(lines[at + 1]).toMatch(/^ #0: [0-9a-f]{8} \(.*queue_lock.*\).*, at: .*handler {2}\S*sleeps_in_irq\.ts:17:\d+/);
  });

  test('the call trace by the user\'s lines, with the interrupt\'s part told apart', ({ machine }) => {
    const lines = panic(machine);
    const at = lines.indexOf('Call Trace:');
    const end = lines.indexOf(' </IRQ>');
    expect(lines[at + 1]).toBe(' <IRQ>');
    expect(end).toBeGreaterThan(at);
    const trace = lines.slice(at + 2, end).join('\n');
    expect(trace).toMatch(/queue_byte {2}\S*sleeps_in_irq\.ts:12:\d+ \[sleeps_in_irq\]/);
    expect(trace).toMatch(/handler {2}\S*sleeps_in_irq\.ts:19:\d+ \[sleeps_in_irq\]/);
    expect(trace).not.toContain('node_modules');
  });

  test('what the interrupt disabled has no other place, what the handler disabled has its own', ({ machine }) => {
    const lines = panic(machine);
    expect(lines).not.toContain('Interrupts disabled at:');
    expect(lines[lines.indexOf('Preemption disabled at:') + 1]).toMatch(/sleeps_in_irq\.ts:\d+:\d+ \[sleeps_in_irq\]$/);
  });

  test('a line says which CPU and task it was', ({ machine }) => {
    expect(panic(machine)).toContainEqual(expect.stringMatching(/^CPU: 0 PID: 0 Comm: swapper\/0 Tainted: G +O +6\.1\S* #1$/));
  });

  test('it ends with the panic and how to replay it', ({ machine }) => {
    const lines = panic(machine);
    expect(lines).toContain('Kernel panic - not syncing: sleeping function called from invalid context');
    expect(lines.at(-1)).toMatch(/^replay: .*boot\(\{ replay: 'rz\S+' \}\)/);
  });

  test('the module can neither catch it nor clean up after it', ({ machine }) => {
    panic(machine);
    expect(machine).not.toHaveLogged('caught');
    expect(machine).not.toHaveLogged('finally');
  });

  test('the replay goes the same way', ({ machine }) => {
    const report = panic(machine);
    const again = boot({ replay: machine.token() });
    expect(panic(again)).toEqual(report);
    again.powerOff();
  });

  test('nothing runs on a machine that has panicked: it tells the same again', ({ machine }) => {
    const report = panic(machine).join('\n');
    expect(panicOf(() => {
      machine.advance(1);
    }).report).toBe(report);
    expect(panicOf(() => {
      machine.run(() => 1);
    }).report).toBe(report);
  });
});

test('who disabled interrupts and preemption last, and where', ({ machine }) => {
  const lines = panicOf(() => {
    machine.insmod(fixture('sleeps_with_irqs_off'));
  }).report.split('\n');
  expect(lines[1]).toMatch(/^in_atomic\(\): 1, irqs_disabled\(\): 1, non_block: 0, pid: \d+, name: insmod$/);
  expect(lines[2]).toBe('preempt_count: 1, expected: 0');
  const after = (title: string): string | undefined => lines[lines.indexOf(title) + 1];
  expect(after('Interrupts disabled at:')).toMatch(/^ enter {2}\S*sleeps_with_irqs_off\.ts:9:\d+/);
  expect(after('Preemption disabled at:')).toMatch(/^ enter {2}\S*sleeps_with_irqs_off\.ts:8:\d+/);
});

test('the first report wins', ({ machine }) => {
  expect(() => {
    machine.insmod(fixture('sleeps_twice'));
  }).toPanic('BUG: sleeping function called from invalid context');
  expect(machine.headlines()).toHaveLength(1);
  expect(machine).not.toHaveLogged('scheduling while atomic');
});

test.describe('the rule set to warn', () => {
  test.override({ boot: { rules: { 'sleep-in-atomic': 'warn', 'schedule-in-atomic': 'warn' } } });

  test('the machine goes on, as Linux would', ({ machine }) => {
    machine.insmod(fixture('sleeps_twice'));
    expect(machine).toHaveWarned('sleeping function called from invalid context');
    expect(machine).toHaveWarned('scheduling while atomic');
    expect(machine.dmesg()).not.toContain('Kernel panic');
  });
});

test.describe('the rule switched off', () => {
  test.override({ boot: { rules: { 'sleep-in-atomic': 'off' } } });

  test('nothing is said', ({ machine }) => {
    machine.insmod(fixture('sleeps_in_irq'));
    expect(() => {
      machine.raise(5);
    }).not.toPanic();
    expect(machine.headlines()).toEqual([]);
  });
});
