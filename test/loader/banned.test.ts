/** What cannot be written in a module, and what its author is told. */
import { describe, expect, test } from 'vitest';
import { LoadError } from '../../runtime/loader/index.js';
import { loader } from './machine.js';

let serial = 0;

function errorOf(source: string): LoadError {
  try {
    loader.loadSource(`bad${serial++}`, source, 'bad.ts');
  } catch (error) {
    if (error instanceof LoadError) return error;
    throw error;
  }
  throw new Error('the source was accepted');
}

describe('kernel code is synchronous', () => {
  test.each([
    ['async function f() {}', 'async functions are not available'],
    ['const f = async () => 1', 'async functions are not available'],
    ['class C { async m() {} }', 'async functions are not available'],
    ['await 1', 'await is not available'],
    ['for await (const x of []) {}', 'for await is not available'],
    ['function* f() { yield 1 }', 'generators are not available'],
    ['const o = { *m() {} }', 'generators are not available'],
    ['new Promise(() => 1)', '\'Promise\' is not available in the kernel: kernel code is synchronous'],
    ['import("x")', 'import() is not available'],
    ['report(import.meta.url)', 'import.meta is not available'],
  ])('%s', (source, reason) => {
    expect(errorOf(source).reason).toContain(reason);
  });

  test('the reason tells the way', () => {
    expect(errorOf('\n  async function f() {}').message).toBe([
      'bad.ts:2:3: async functions are not available: kernel code is synchronous: a function runs to its end on its own stack; sleep with msleep() or wait_event()',
      '  2 |   async function f() {}',
      '    |   ^',
    ].join('\n'));
  });
});

describe('names of the host', () => {
  test.each([
    ['setTimeout(() => 1, 1)', 'use mod_timer() of ringzero/linux/timer, or msleep() of ringzero/linux/delay'],
    ['setInterval(() => 1, 1)', 'use mod_timer() of ringzero/linux/timer'],
    ['Date.now()', 'use ktime_get() of ringzero/linux/ktime, or jiffies'],
    ['new Date()', 'use ktime_get() of ringzero/linux/ktime, or jiffies'],
    ['performance.now()', 'use ktime_get()'],
    ['console.log(1)', 'use printk() or pr_info() of ringzero/linux/printk'],
    ['Math.random()', 'use get_random_u32() of ringzero/linux/random'],
    ['Math["random"]', 'use get_random_u32() of ringzero/linux/random'],
    ['crypto.randomUUID()', 'use get_random_u32() of ringzero/linux/random'],
    ['process.exit()', '\'process\' is not available in the kernel'],
    ['require("fs")', '\'require\' is not available in the kernel'],
    ['globalThis.x', '\'globalThis\' is not available in the kernel'],
    ['Buffer.alloc(1)', 'use kmalloc() of ringzero/linux/slab'],
    ['queueMicrotask(() => 1)', 'use schedule_work() of ringzero/linux/workqueue'],
    ['setImmediate(() => 1)', 'use schedule_work() of ringzero/linux/workqueue'],
    ['structuredClone({})', '\'structuredClone\' is not available in the kernel'],
    ['Atomics.wait', 'use atomic_t of ringzero/linux/atomic'],
    ['fetch("x")', '\'fetch\' belongs to the host, not to the kernel'],
    ['new URL("x")', '\'URL\' belongs to the host, not to the kernel'],
    ['eval("1")', 'code that is made at run time has no preemption points'],
    ['new Function("1")', 'code that is made at run time has no preemption points'],
    ['Array = 1 as any', '\'Array\' is shared by all modules'],
  ])('%s', (source, reason) => {
    expect(errorOf(source).reason).toContain(reason);
  });

  test('a name of the author\'s own is free', () => {
    expect(() => loader.loadSource('own', 'const console = { log() {} }; console.log(); function f(Date: number) { return Date } f(1)')).not.toThrow();
  });
});

describe('imports', () => {
  test.each([
    ['import "node:fs"', '\'node:fs\' cannot be imported: a module imports kernel headers (\'ringzero/linux/NAME\') and its own files (\'./NAME.js\') only'],
    ['import x from "lodash"; x()', '\'lodash\' cannot be imported'],
    ['import { expect } from "vitest"; expect(1)', '\'vitest\' cannot be imported'],
    ['import { boot } from "ringzero"; boot()', '\'ringzero\' cannot be imported'],
    ['export * from "node:os"', '\'node:os\' cannot be imported'],
    ['import { a } from "ringzero/linux/slba"; a()', '\'ringzero/linux/slba\': no such header; did you mean \'ringzero/linux/slab\'?'],
    ['import { a } from "ringzero/linux/nothing_like_it"; a()', '\'ringzero/linux/nothing_like_it\': no such header'],
    ['import { a } from "ringzero/linux/toString"; a()', '\'ringzero/linux/toString\': no such header'],
    ['import { a } from "ringzero/linux/init"; a()', '\'ringzero/linux/init\': what Linux declares there is in \'ringzero/linux/module\''],
    ['import { a } from "ringzero/linux/usb"; a()', '\'ringzero/linux/usb\': Linux has this header, ringzero does not; of its family (PCI and USB) there are \'ringzero/linux/dma-mapping\', \'ringzero/linux/interrupt\''],
    ['import { a } from "linux/slab.h"; a()', '\'linux/slab.h\' cannot be imported: a module imports kernel headers (\'ringzero/linux/NAME\') and its own files (\'./NAME.js\') only; did you mean \'ringzero/linux/slab\'?'],
    ['import slab from "ringzero/linux/slab"; slab()', 'a header has no default export'],
    ['import { a } from "./nowhere.js"; a()', '\'./nowhere.js\': no such file'],
    ['import { a } from "ringzero/linux/slab"; a = 1', '\'a\' is imported, and an import cannot be assigned to'],
    ['import { a } from "ringzero/linux/slab"; a++', '\'a\' is imported'],
    ['import { a } from "ringzero/linux/slab"; ({ a } = { a: 1 })', '\'a\' is imported'],
    ['import { a } from "ringzero/linux/slab"; [...a] = []', '\'a\' is imported'],
    ['import { a } from "ringzero/linux/slab"; for (a of []);', '\'a\' is imported'],
    ['import { a } from "ringzero/linux/slab"; (a as any) = 1', '\'a\' is imported'],
  ])('%s', (source, reason) => {
    expect(errorOf(source).reason).toContain(reason);
  });

  test('the place is the import\'s', () => {
    expect(errorOf('\nimport { a } from \'ringzero/linux/slba\';\na();')).toMatchObject({ file: 'bad.ts', line: 2, column: 19, code: 'ENOEXEC' });
  });
});

describe('what is not supported says so', () => {
  test.each([
    ['namespace N { export const a = 1 }', 'namespaces are not supported'],
    ['import x = require("y")', 'import = is not supported'],
    ['export = 1', 'export = is not supported'],
    ['using x = null', '\'using\' is not supported'],
    ['class C { accessor x = 1 }', '\'accessor\' fields are not supported'],
    ['class C { @f m() {} }', 'decorators are not supported'],
    ['class A {} class B extends A { constructor(private x: number) { if (x) super() } }', 'needs super() as a statement of its own'],
  ])('%s', (source, reason) => {
    expect(errorOf(source).reason).toContain(reason);
  });
});

describe('syntax errors', () => {
  test.each([
    ['let x = ;', 1, 9],
    ['f(\n  1,\n  2', 3, 4],
    ['const a = 1;\nlet a = 2;', 2, 5],
    ['const s = "abc', 1, 11],
    ['return 1', 1, 1],
    ['with (a) {}', 1, 1],
    ['function f() {\n  break;\n}', 2, 3],
  ])('%s', (source, line, column) => {
    const error = errorOf(source);
    expect(error).toMatchObject({ line, column, code: 'ENOEXEC' });
    expect(error.message).toMatch(/^bad\.ts:\d+:\d+: [^\n]+\n {2}\d+ \| [^\n]*\n +\| *\^$/);
  });

  test('the caret stands under its character after tabs', () => {
    expect(errorOf('\t\tlet x = ;').message.split('\n').slice(1)).toEqual(['  1 | \t\tlet x = ;', '    | \t\t        ^']);
  });

  test('rules that only V8 checks', () => {
    expect(errorOf('let a = 1;\n  function f() { var g = 1; function g() {} }')).toMatchObject({ line: 2, code: 'ENOEXEC' });
  });
});
