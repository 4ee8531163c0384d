import { afterEach, describe, expect, test } from 'vitest';
import { InternalError } from '../../kernel/debug/internal_error.js';
import { boot, type BootOptions, type Device, type Machine } from '../../runtime/index.js';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const HEAD = `import { MODULE_LICENSE, module_exit, module_init } from 'ringzero/linux/module';
import { BUG, BUG_ON } from 'ringzero/linux/bug';
import { pr_info } from 'ringzero/linux/printk';
import { addr_to_fn } from 'ringzero/linux/types';
MODULE_LICENSE('GPL');
module_exit(() => undefined);
`;

/** Loads a module whose init has this body; returns the log, behind what every module of a file is told of. */
function load(body: string, before = '', options: BootOptions = {}): readonly string[] {
  machine = boot(options);
  try {
    machine.insmod({ name: 'm', source: `${HEAD}${before}\nmodule_init(() => {\n${body}\nreturn 0;\n});` });
  } catch {
    // The log has it.
  }
  return machine.log().filter((line) => line !== 'm: loading out-of-tree module taints kernel.');
}

/** A device whose port 0x300 is read and written by these functions. */
function device(does: Partial<Device>): Device {
  return { name: 'device', base: 0x300, ports: 1, irq: 5, connect: () => undefined, read: () => 0, write: () => undefined, ...does };
}

/** A body with every way to go on behind a fault. */
const guarded = (fault: string): string => `let nothing: any = null;
try { try { ${fault} } catch ({ message }: any) { pr_info('went on'); } finally { pr_info('went on'); } } catch { pr_info('went on'); } finally { pr_info('went on'); }
try { ${fault} } finally { pr_info('went on'); }
pr_info('went on');`;

describe('what stops a task is not caught', () => {
  test.each([
    ['BUG()', 'BUG();', 'kernel BUG at m.ts:10!'],
    ['BUG_ON()', 'BUG_ON(1);', 'kernel BUG at m.ts:10!'],
    ['a property of null', 'nothing.x;', 'BUG: kernel NULL pointer dereference, address: 00000000'],
    ['null taken apart', 'const { x } = nothing;', 'BUG: kernel NULL pointer dereference, address: 00000000'],
    ['a store through null', 'nothing.x = 1;', 'BUG: kernel NULL pointer dereference, address: 00000000'],
    ['a jump to null', 'addr_to_fn(0)!();', 'BUG: kernel NULL pointer dereference, address: 00000000'],
    ['a jump to nowhere', 'addr_to_fn(0x12345)!();', 'BUG: unable to handle page fault for address: 00012345'],
    ['a division by zero', '5n / BigInt(nothing === null ? 0 : 1);', 'divide error: 0000 [#1] PREEMPT SMP'],
    ['an overflow', '(function f(): void { f(); })();', 'BUG: TASK stack guard page was hit'],
    ["an overflow of the host's", 'let o: any = []; for (let i = 0; i < 20000; i++) o = [o]; JSON.stringify(o);', 'BUG: TASK stack guard page was hit'],
  ])('%s', (_what, fault, headline) => {
    const log = load(guarded(fault));
    expect(log[0]).toBe(headline);
    expect(log).not.toContain('went on');
  });

  test('an exception is', () => {
    expect(load(`try { throw new Error('no'); } catch ({ message }: any) { pr_info('%s', message); } finally { pr_info('finally'); }`)).toEqual(['no', 'finally']);
  });

  test.each(['RangeError("Maximum call stack size exceeded")', 'RangeError("call stack")', 'TypeError("x is not a function")', 'RangeError("Division by zero")'])('%s of the module is an exception', (error) => {
    const log = load(`try { fail(); } catch { pr_info('caught'); }\nfail();`, `function fail() { throw new ${error}; }`);
    expect(log[0]).toBe('caught');
    expect(log[1]).toMatch(/^Oops: \w+Error: .* \[#1\]$/);
  });
});

test('it is told what was accessed, and how', () => {
  expect(load('let nothing: any = null; nothing.x;')).toContain('#PF: supervisor read access in kernel mode');
  machine.powerOff();
  expect(load('let nothing: any = null; nothing.x = 1;')).toContain('#PF: supervisor write access in kernel mode');
  machine.powerOff();
  const wild = load('(0x12345 as any)();');
  expect(wild[0]).toMatch(/^BUG: .* address: 00012345$/);
  expect(wild).toContain('#PF: supervisor instruction fetch in kernel mode');
});

test("what is ringzero's own goes to the host, whatever the module catches", () => {
  machine = boot();
  machine.attach(device({ read() { throw new InternalError('broken'); } }));
  const source = `${HEAD}import { inb } from 'ringzero/linux/io';
module_init(() => {
  try { inb(0x300); } catch { pr_info('went on'); } finally { pr_info('went on'); }
  pr_info('went on');
  return 0;
});`;
  expect(() => machine.insmod({ name: 'm', source })).toThrow(InternalError);
  expect(machine.log()).not.toContain('went on');
  expect(machine.headlines()).toEqual([]);
});

test('other errors are exceptions: of a class of the module, of other kinds, with a message that cannot be read', () => {
  const made = `class Mine extends TypeError { constructor() { super('f is not a function'); } }
function make(how: number): Error {
  return how === 0 ? new Mine() : Object.defineProperty(new TypeError(), 'message', { get() { throw 1; } });
}
function fail(how: number): void {
  if (how < 2) {
    const error = make(how);
    throw error;
  }
  (how as any) instanceof (how as any);
}`;
  expect(load('for (let how = 0; how < 3; how++) try { fail(how); } catch { pr_info("caught %d", how); }', made)).toEqual(['caught 0', 'caught 1', 'caught 2']);
});

test('no iterator is closed behind a fault in a function', () => {
  const made = `const numbers = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return() { pr_info('went on'); return {}; } }) };
function fail(): void { let nothing: any = null; nothing.x; }`;
  const log = load('for (const n of numbers as any) fail();', made);
  expect(log[0]).toBe('BUG: kernel NULL pointer dereference, address: 00000000');
  expect(log).not.toContain('went on');
});

test('no iterator is closed behind a fault in the body of its loop', () => {
  const made = `const numbers = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return() { pr_info('went on'); return {}; } }) };`;
  const log = load('let nothing: any = null; for (const n of numbers as any) nothing.x;', made);
  expect(log[0]).toBe('BUG: kernel NULL pointer dereference, address: 00000000');
  expect(log).not.toContain('went on');
});

describe("the machine's stack", () => {
  const count = `let depth = 0;\nfunction f(): void { depth++; pr_info('%d', depth); f(); }`;
  const deepest = (log: readonly string[]): string | undefined => log.filter((line) => /^\d+$/.test(line)).at(-1);

  test('ends at the same call each time', () => {
    // init is a frame, too.
    expect(deepest(load('f();', count))).toBe('255');
    machine.powerOff();
    expect(deepest(load('f();', count))).toBe('255');
    expect(machine.log()).toContain('Kernel panic - not syncing: Fatal exception in interrupt');
  });

  test('has the size that the machine was booted with, whoever ran before', () => {
    const ends: (string | undefined)[] = [];
    for (const stack of [65536, 16384, 4096, 32768, 16384]) {
      ends.push(deepest(load('f();', count, { stack })));
      machine.powerOff();
    }
    expect(ends).toEqual(['1023', '255', '63', '511', '255']);
    expect(() => boot({ stack: 1000 })).toThrow('boot(): stack must be an integer from 4096 to 65536, got 1000');
  });

  test('is another one in an interrupt', () => {
    load('request_irq(5, () => { f(); return 1; }, 0, "m", 1);\ng(200);', `import { request_irq } from 'ringzero/linux/interrupt';\nfunction g(n: number): void { if (n > 0) g(n - 1); }\n${count}`);
    expect(() => { machine.raise(5); }).toThrow();
    expect(machine.headlines()[0]).toMatch(/^BUG: IRQ stack guard page was hit\n/);
    expect(deepest(machine.log())).toBe('255');
  });

  test('is the same one in an interrupt that comes upon a softirq', () => {
    let raise = (): void => undefined;
    machine = boot({ cpus: 1 });
    machine.attach(device({ connect: (bus) => { raise = () => { bus.raise(5); }; }, write: () => { raise(); } }));
    const source = `${HEAD}import { request_irq } from 'ringzero/linux/interrupt';
import { outb } from 'ringzero/linux/io';
import { jiffies } from 'ringzero/linux/jiffies';
import { DEFINE_TIMER, mod_timer } from 'ringzero/linux/timer';
${count}
let written = 0;
function g(n: number): void {
  if (n > 0) g(n - 1);
  else {
    outb(1, 0x300);
    written++;
  }
}
const timer = DEFINE_TIMER('t', () => { g(98); });
module_init(() => {
  request_irq(5, () => { f(); return 1; }, 0, 'm', 1);
  mod_timer(timer, jiffies + 1);
  return 0;
});`;
    machine.insmod({ name: 'm', source });
    expect(() => { machine.advance(1e9); }).toThrow(/^BUG: IRQ stack guard page was hit\n/);
    // The timer's function, 99 calls of g(), and the kernel's own where the interrupt comes in.
    expect(deepest(machine.log())).toBe('154');
  });

  test('ends there in code that is interpreted, and in code that is compiled', () => {
    const source = `${HEAD}${count}
function busy(n: number): number { return n > 0 ? 1 + busy(n - 1) : 0; }
let sum = 0;
module_init(() => {
  for (let i = 0; i < 20; i++) sum += busy(200);
  f();
  return 0;
});`;
    const logs = new Set<string>();
    for (let run = 0; run < 1000; run++) {
      machine = boot();
      expect(() => machine.insmod({ name: 'm', source })).toThrow();
      logs.add(machine.log().join('\n'));
      machine.powerOff();
    }
    expect(logs.size).toBe(1);
  });
});

describe('whatever is thrown is shown', () => {
  test.each([
    ['undefined', 'undefined', 'uncaught undefined'],
    ['an object without a prototype', 'Object.create(null)', 'uncaught an object'],
    ['a symbol', 'Symbol("s")', 'uncaught a symbol'],
    ['a proxy', 'new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } })', 'uncaught an object'],
    ['getters that throw', 'Object.defineProperty(new Error("x"), "message", { get() { throw 1; } })', 'Error'],
    ['a name that is no text', 'Object.assign(new Error("x"), { name: Symbol("s") })', 'Error: x'],
    ['control characters', 'new Error("a\\x1b[31mb\\rc")', 'Error: a\\x1b[31mb\\x0dc'],
    ['a function', '() => { pr_info("x"); }', 'uncaught the function (anonymous)'],
    ['a text', '"boom"', 'uncaught "boom"'],
  ])('%s', (_what, value, said) => {
    const log = load(`throw ${value};`);
    expect(log[0]).toBe(`Oops: ${said} [#1]`);
    expect(log[1]).toBe('  --> m.ts:9:1');
  });

  test('and cut', () => {
    const log = load('throw new Error("x".repeat(50_000_000));');
    expect(log[0]).toBe(`Oops: Error: ${'x'.repeat(1024)}... (49998976 more characters) [#1]`);
  });

  test("and in the author's words", () => {
    expect(load('class A extends (f as any) {}', 'function f() { pr_info("x"); }').join('\n')).not.toMatch(/\$/);
    machine.powerOff();
    expect(load('const f: any = () => { pr_info("x"); return 1; };\nclass A extends f {}')[0]).toBe('Oops: TypeError: Class extends value () => { ... } is not a constructor or null [#1]');
    machine.powerOff();
    expect(load('addr_to_fn(0)!();')).toContain('TypeError: addr_to_fn(...) is not a function');
  });

  test('the same number at another place has that place', () => {
    expect(load('try { throw 1; } catch {}\nthrow 1;')[1]).toBe('  --> m.ts:10:1');
  });
});
