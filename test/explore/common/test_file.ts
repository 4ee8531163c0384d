/** Random programs as code of a test file, with the points that the plugin gives it. */
import ts from 'typescript';
import fc from 'fast-check';
import { headers } from '../../../kernel/include/headers.js';
import type { Machine } from '../../../runtime/index.js';
import { instrumentTestFile } from '../../../runtime/vitest/instrument_test.js';
import { points } from '../../../runtime/vitest/points.js';
import { type Part, part, sourceOf, statement } from './random_programs.js';

export type ShownScenario = (machine: Machine, show?: (look: () => string) => void) => string;

/** What a file exports, run the way vitest runs it: with points first, without types then. */
export function loadTestFile(path: string, text: string): Record<string, unknown> {
  const { code } = instrumentTestFile(path, text);
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const exports: Record<string, unknown> = {};
  const require = (name: string): unknown => (name === 'ringzero/vitest/points' ? { points } : headers[name.replace('ringzero/linux/', '')]);
  // What the test wants to run is a text.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('exports', 'require', outputText)(exports, require);
  return exports;
}

/** What the host can say: it has no kernel to call. */
const own = statement.filter((one) => !/cell|own|total|ready|soft|level|wipe|memset|list_of|shared|bump|twice|read_and|box/.test(one)).map((one) => `{ ${one} }`);
export const hostPart: fc.Arbitrary<Part> = fc.array(own, { maxLength: 2 });

/** One that may ask the host's device, too. */
export const askingPart: fc.Arbitrary<Part> = fc.tuple(part, fc.option(fc.nat(3))).map(([all, at]) => (at === null ? all : all.toSpliced(at, 0, '{ seen += inb(0x300); }')));

/**
 * A scenario: the program's variables are the host's, which uses them while the threads may still run, `pause` ns after they
 * began, and in a device of its own. `scenario(machine, show)` calls `show` with a function that tells all that there is to know.
 */
export function testFileOf(a: Part, b: Part, irq: Part | null, between: Part, later: Part, device: Part, pause = 0): string {
  const source = sourceOf(a, b, irq);
  let threads = 0;
  const imports = source.match(/^import .*$/gm)!.join('\n');
  const body = source
    .replace(/^import .*$/gm, '')
    .replace(/^let [xyz] = 0;$/gm, '')
    .replaceAll('  wait_for_completion(done);\n', '')
    .replaceAll('let seen = 0;', () => `let seen = 0;\n  looks[${threads++}] = () => seen;`)
    .replace('kfree(box);\n});', 'const last = box;\n  box = null;\n  kfree(last);\n});');
  return `
${imports}
import { inb } from 'ringzero/linux/io';
export const scenario = (machine, show = () => undefined) => {
  let x = 0;
  let y = 0;
  let z = 0;
  let seen = 0;
  const program = { name: 'program', body: () => {
const looks = [];
${body}
show(() => {
  const memory = box === null ? '' : cell.at(box).count + ' ' + cell.at(box).flag;
  const own = looks.map((one) => one()).join(' ');
  return JSON.stringify(shared) + ' ' + x + ' ' + y + ' ' + z + ' ' + seen + ' ' + level.value + ' ' + results.join(' ') + ' ' + memory + ' ' + atomic_read(total) + ' ' + own;
});
  } };
  const device = { name: 'device', base: 0x300, ports: 1, irq: 0, connect() {}, write() {}, read() {
    ${device.join('\n    ')}
    return seen & 3;
  } };
  machine.attach(device);
  ${irq === null ? '' : 'machine.arm(5);'}
  y = 1;
  machine.insmod(program);
  ${pause === 0 ? '' : `machine.advance(${pause});`}
  ${between.join('\n  ')}
  machine.settle();
  ${later.join('\n  ')}
  machine.rmmod('program');
  return /outcome.*/.exec(machine.dmesg())[0] + ' host ' + seen;
};
`;
}
