/** Calls of exported functions, as a command line has them. */
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Call, checkCall, parseCall, showCall } from '../../runtime/explore/calls.js';
import { builtCli as cli } from '../cli/program.js';
import { recordingTerminal } from '../cli/terminal.js';

const argument = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean(), fc.constant(null), fc.uint8Array({ maxLength: 5 }));

test('a call is read as it is shown', () => {
  fc.assert(fc.property(fc.array(argument, { maxLength: 4 }), (args) => {
    const call: Call = ['name', ...args];
    expect(parseCall('--call', showCall(call))).toEqual(call);
  }));
});

test.each<[string, Call]>([
  ['go', ['go']],
  [' go ( ) ', ['go']],
  ['go(-0x10, +2, 1e3)', ['go', -16, 2, 1000]],
  [`go('a, b', "it's", null,true)`, ['go', 'a, b', "it's", null, true]],
  ['go([], [1, 0xff])', ['go', new Uint8Array(), Uint8Array.of(1, 255)]],
])('%s', (text, call) => {
  expect(parseCall('--call', text)).toEqual(call);
});

test.each([
  ['', /must be a call, as in 'name' or 'name\(1, 2\)', got ''/],
  ['go(1', /must be a call/],
  ['go(1,)', /cannot read '1,' in 'go\(1,\)': arguments are separated by commas/],
  ['go(1 2)', /cannot read '1 2'/],
  ["go('a)", /cannot read ''a'/],
  ['go(one)', /'one' is no argument: there are numbers/],
  ['go([256])', /'256' is no byte/],
  ['go([1,])', /'' is no byte/],
])('%j is refused', (text, message) => {
  expect(() => parseCall('--call', text)).toThrow(message);
});

test.each([[7], [[]], [[7]], [['go', {}]], [['go', NaN]]])('%j is refused by exploreModules()', (call) => {
  expect(() => checkCall(call)).toThrow(/^exploreModules\(\): /);
});

const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
afterAll(() => { rmSync(folder, { recursive: true }); });
const file = join(folder, 'lost.ts');
writeFileSync(file, `import { EXPORT_SYMBOL, module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { WARN_ON } from 'ringzero/linux/bug';
let sum = 0;
let calls = 0;
export function add(n: number): number {
  const seen = sum;
  sum = seen + n;
  calls++;
  return 0;
}
const version = 3;
EXPORT_SYMBOL(add);
EXPORT_SYMBOL(version, 'version');
module_init(() => 0);
module_exit(() => { WARN_ON(calls === 2 && sum !== 5); });
MODULE_LICENSE('GPL');
`);

async function ringzero(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const terminal = recordingTerminal();
  const code = await cli(argv, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

test('two calls interleave, and the report has the line that replays them', async () => {
  const found = await ringzero('explore', file, '--call', 'add(2)', '--call', 'add(3)');
  expect(found.out).toMatch(/^WARNING/);
  const [, token = ''] = /replay: ringzero replay (\S+) \S+ --call 'add\(2\)' --call 'add\(3\)'\n/.exec(found.out) ?? [];
  expect((await ringzero('replay', token, file, '--call', 'add(2)', '--call', 'add(3)')).code).toBe(1);
});

test.each([
  [['--call', 'ad(1)'], "no module that is loaded exports 'ad' (did you mean add?)"],
  [['--call', 'unlike_any(1)'], "no module that is loaded exports 'unlike_any'; they export add"],
  [['--call', 'version'], "'version' cannot be called: a module exports it, but it is no function"],
  [['--call', 'add(x)'], "--call: 'x' is no argument"],
])('%j is refused', async (flags, message) => {
  const { code, err } = await ringzero('explore', file, ...flags);
  expect(err).toContain(message);
  expect(code).toBe(2);
});

test('where nothing can interleave the exit code is another one, and the report says what is missing', async () => {
  const alone = await ringzero('explore', file, '--arm', '9');
  expect(alone.err).toContain('nothing could interleave: in no schedule was there more than one way to go on. Interrupt 9 was armed, and never requested while it could have come. Call what the modules export');
  expect(alone.err).not.toContain('--arm IRQ');
  expect(alone.code).toBe(4);
  expect((await ringzero('explore', file)).err).toContain('with --arm IRQ.');
});
