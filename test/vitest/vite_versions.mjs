// The plugin where another Vite compiles: esbuild does in 6 and 7, Oxc in 8. Installs each from the registry, in a
// temporary folder, with the package as `npm pack` makes it: node test/vitest/vite_versions.mjs [VERSION ...]
// Needs `npm run build` first.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const CONFIG = `
import { ringzero } from 'ringzero/vitest/plugin';
import { defineConfig } from 'vitest/config';
export default defineConfig({ plugins: process.env.BARE ? [] : [ringzero()], test: { pool: 'forks' } });
`;

/** What compilers move: an enum, a parameter property, fields behind super(). */
const TYPED = `/** @jsxRuntime classic */
/** @jsx h */
import { explore, type Machine } from 'ringzero';
import { kthread_run } from 'ringzero/linux/kthread';
import { expect, test } from 'ringzero/vitest';

enum Step { One = 1 }
class Base { constructor(readonly start: number) {} }
class Count extends Base { n: number; constructor() { super(0); this.n = this.start; } }
let x: Count;

function bump(): number {
  const seen = x.n;
  x.n = seen + Step.One;
  return 0;
}

test('a race', () => {
  const run = () => explore({}, (machine: Machine) => {
    x = new Count();
    machine.run(() => {
      kthread_run(bump, null, 'a');
      kthread_run(bump, null, 'b');
    });
    machine.settle();
    expect(x.n).toBe(2);
  });
  expect(run).toThrow(/FILE:13  const seen = x\\.n;  x\\.n=0\\n *FILE:14  x\\.n = seen/);
});

test('an error', ({ machine }) => {
  machine.run(() => { expect<unknown>('a').toBe('b'); });
});
`;

const JSX = `
const h = (tag: string, _: unknown, ...inner: unknown[]): unknown => [tag, ...inner];
const list = (items: string[]): unknown => <ul>{items.map((item) => <li>{item}; return</li>)}</ul>;

test('JSX', ({ machine }) => {
  expect(machine.run(() => list(['b']))).toEqual(['ul', [['li', 'b', '; return']]]);
});
`;

const untyped = (text) => text.replace(/: (number|Machine|Count)\b/g, '').replace(', type Machine', '').replace('enum Step { One = 1 }', 'const Step = { One: 1 };')
  .replace('constructor(readonly start) {}', 'constructor(start) { this.start = start; }').replace('n; ', '').replace('<unknown>', '');

const FILES = { 'a.t.test.ts': TYPED, 'b.t.test.mts': TYPED, 'c.t.spec.tsx': TYPED + JSX, 'd.t.test.js': untyped(TYPED), 'e.t.test.mjs': untyped(TYPED) };

function run(command, args, cwd, env = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', RINGZERO_EXPLORE_KEEP: 'false', ...env } });
  return { status, text: `${stdout}\n${stderr}` };
}

/** Returns what is not as it should be. */
function tryVite(version, packed) {
  const folder = mkdtempSync(join(tmpdir(), 'ringzero-vite-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"name":"consumer","type":"module","private":true}');
    const installed = run('npm', ['install', '--ignore-scripts', 'vitest@4', `vite@${version}`, packed], folder);
    if (installed.status !== 0) return [`cannot be installed: ${installed.text.trim()}`];
    // Compiling the addon again would show nothing.
    const addon = 'runtime/native/build/Release';
    mkdirSync(join(folder, 'node_modules/ringzero', addon), { recursive: true });
    cpSync(join(root, addon, 'stacks.node'), join(folder, 'node_modules/ringzero', addon, 'stacks.node'));
    writeFileSync(join(folder, 'vitest.config.ts'), CONFIG);
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text.replaceAll('FILE', name.replaceAll('.', '\\.')));

    const { text } = run('npx', ['vitest', 'run', '--reporter', 'verbose'], folder);
    const bare = run('npx', ['vitest', 'run', '--reporter', 'verbose'], folder, { BARE: '1' }).text;
    const wanted = Object.keys(FILES).flatMap((name) => [`✓ ${name} > a race`, `× ${name} > an error`, `❯ ${name}:32:`]);
    return [
      ...[...wanted, '✓ c.t.spec.tsx > JSX'].filter((line) => !text.includes(line)).map((line) => `does not say: ${line}`),
      ...Object.keys(FILES).map((name) => `× ${name} > a race`).filter((line) => !bare.includes(line)).map((line) => `without the plugin does not say: ${line}`),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pack = mkdtempSync(join(tmpdir(), 'ringzero-pack-'));
let failed = false;
try {
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', pack], root);
  const packed = join(pack, readdirSync(pack)[0]);
  for (const version of process.argv.length > 2 ? process.argv.slice(2) : ['6', '7', '8']) {
    const wrong = tryVite(version, packed);
    console.log(`Vite ${version}: ${wrong.length === 0 ? 'as it should be' : wrong.join('\n  ')}`);
    failed ||= wrong.length > 0;
  }
} finally {
  rmSync(pack, { recursive: true });
}
process.exit(failed ? 1 : 0);
