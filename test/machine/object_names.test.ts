/** Names that every JavaScript object has are, wherever one can be given, names like others: unknown, or one's own. */
import { afterEach, describe, expect, test } from 'vitest';
import { boot, type BootOptions, explore, type ExploreOptions, fuzz, type FuzzOptions, type Machine, MachineError } from 'ringzero';
import { array, field_ptr, offsetof, type StructType, struct, u32, u8 } from 'ringzero/linux/types';
import { int, module_param } from 'ringzero/linux/module';
import { cli } from '../../runtime/cli/cli.js';
import { recordingTerminal } from '../cli/terminal.js';

const NAMES = ['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

const machines: Machine[] = [];
function booted(options?: BootOptions): Machine {
  const machine = boot(options);
  machines.push(machine);
  return machine;
}
afterEach(() => {
  for (const machine of machines.splice(0)) machine.powerOff();
});

/** An object that has it of its own, `__proto__` too. */
function having<T>(name: string, value: unknown): T {
  return Object.fromEntries([[name, value]]) as T;
}

describe.each(NAMES)('%s', (name) => {
  test.each<[what: string, run: () => unknown, message: string]>([
    ['an option of boot()', () => booted(having(name, 1)), `there is no option '${name}'`],
    ['a zone', () => booted({ memory: having(name, 1) }), `no zone '${name}'`],
    ['a rule', () => booted({ rules: having(name, 'off') }), `there is no rule '${name}'`],
    ['a sysctl', () => booted({ sysctl: having(name, 1) }), `there is no sysctl '${name}'`],
    ['a file of /proc', () => booted().proc(name as 'meminfo'), `there is no /proc/${name}`],
    ['an option of explore()', () => explore(having<ExploreOptions>(name, 1), () => undefined), `there is no option '${name}'`],
    ['a strategy', () => explore({ strategy: name as 'pct' }, () => undefined), `got "${name}"`],
    ['a kind of choice', () => explore({ kinds: [name as 'cpu'] }, () => undefined), `got "${name}"`],
    ['an option of fuzz()', () => fuzz(having<FuzzOptions>(name, 1), 'modules/hello.ts'), `there is no option '${name}'`],
    ['a call that another one takes the result of', () => fuzz({}, { modules: [{ module: 'modules/hello.ts' }], calls: { read: { args: [{ result: name }] } } }), `argument 1 of the call 'read'`],
    ['an exported function', () => booted().call(name), `no module that is loaded exports '${name}'`],
  ])('is not known as %s', (_what, run, message) => {
    expect(run).toThrow(MachineError);
    expect(run).toThrow(message);
  });

  test('is no field of a struct that does not declare it, and is one of a struct that does', () => {
    const dog = struct('dog', { age: u32 });
    expect(() => offsetof(dog as StructType<'dog', Record<string, typeof u32>>, name)).toThrow(`struct dog has no field ${name}`);
    const odd = struct('odd', Object.fromEntries([['pad', array(u8, 4)], [name, u32]])) as unknown as StructType<'odd', Record<string, typeof u32>>;
    expect(offsetof(odd, name)).toBe(4);
    expect(field_ptr(odd, 0x1000 as never, name)).toBe(0x1004);
  });

  test('is no module that is loaded', () => {
    expect(() => booted().modinfo(name)).toThrow(`modinfo ${name}: No such file or directory (ENOENT)`);
  });

  test('is no type of a parameter', () => {
    booted().insmod({ name: 'typed', body: () => {
      expect(() => module_param('x', name as typeof int, 1, 0)).toThrow(/a parameter type: byte, short/);
    } });
  });

  test('is no parameter of a module that does not have it', () => {
    const machine = booted();
    machine.insmod('modules/hello.ts', having(name, 1));
    expect(machine.dmesg()).toContain(`hello: unknown parameter '${name}' ignored`);
  });

  test('is no header, no name of one, and no name of a file', () => {
    const load = (source: string) => () => { booted().insmod({ name: 'm', source }); };
    expect(load(`import { x } from 'ringzero/linux/${name}'; x();`)).toThrow(`'ringzero/linux/${name}': no such header`);
    expect(load(`import { ${name} } from 'ringzero/linux/slab'; ${name}();`)).toThrow(`'ringzero/linux/slab' has no '${name}'`);
    expect(load(`import * as slab from 'ringzero/linux/slab'; slab.${name}();`)).toThrow(`'ringzero/linux/slab' has no '${name}'`);
    expect(load(`${name}();`)).toThrow(`'${name}' is not declared`);
  });

  test('is nothing that the command line knows', async () => {
    const said = async (...argv: string[]) => {
      const terminal = recordingTerminal();
      return { code: await cli(argv, terminal), err: terminal.errText() };
    };
    expect(await said(name)).toEqual({ code: 2, err: expect.stringContaining(`there is no command '${name}'`) as string });
    for (const command of ['run', 'explore', 'replay', 'fuzz', 'modinfo', 'rules', 'tour']) {
      for (const flag of [`--${name}`, `--${name}=1`])
        expect(await said(command, flag)).toEqual({ code: 2, err: expect.stringContaining(`there is no option --${name}`) as string });
    }
    for (const [flag, message] of [
      [`--rule=${name}=warn`, `there is no rule '${name}'`],
      [`--memory=${name}=4M`, `there is no zone '${name}'`],
      [`--sysctl=${name}=1`, `there is no sysctl '${name}'`],
      [`--strategy=${name}`, `must be time or random, not '${name}'`],
    ] as const) expect(await said('run', 'modules/hello.ts', flag)).toEqual({ code: 2, err: expect.stringContaining(message) as string });
  });
});
