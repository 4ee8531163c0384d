// npm run test:packed: the package as a stranger gets it. It is packed with the addon for this Node alone, and installed in empty
// folders with a PATH on which there is nothing but node, npm and a shell.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const work = mkdtempSync(join(tmpdir(), 'ringzero-packed-'));

function start(program, args, options) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (error !== undefined) throw error;
  return { status, output: `${stdout}${stderr}` };
}

function must(program, args, options) {
  const { status, output } = start(program, args, options);
  assert.equal(status, 0, `${program} ${args.join(' ')}: exit code ${status}\n${output}`);
  return output;
}

const pack = (cwd, destination) => join(destination, must('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination], { cwd }).trim());

/** What a machine with Node alone has. */
function bareEnvironment() {
  const bin = join(work, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  const which = (program) => realpathSync(must('sh', ['-c', `command -v ${program}`]).trim());
  for (const program of ['npm', 'npx', 'sh', 'env']) symlinkSync(which(program), join(bin, program));
  // Where this machine's npm gets packages from stays; what else `npm run` sets is about this checkout.
  const kept = Object.entries(process.env).filter(([key]) => /^(HOME|npm_config_(registry|userconfig|globalconfig)|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i.test(key));
  return { ...Object.fromEntries(kept), PATH: bin, NO_COLOR: '1' };
}

/** `npm install` in a new folder. */
function install(env, name, args) {
  const cwd = join(work, name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'package.json'), '{ "private": true, "type": "module" }\n');
  return { cwd, env, ...start('npm', ['install', '--no-audit', '--no-fund', ...args], { cwd, env }) };
}

const tour = ({ cwd, env }) => start('npx', ['--no-install', 'ringzero', 'tour'], { cwd, env });

/** The lines that are ringzero's own. */
const words = (output) => output.split('\n').filter((line) => line.includes('ringzero:') || line.includes('C++ compiler'));

function toursWithoutCompiler(env, tarball) {
  for (const [name, args] of [['scripts', []], ['no-scripts', ['--ignore-scripts']]]) {
    const installed = install(env, name, [tarball, ...args]);
    assert.equal(installed.status, 0, installed.output);
    const { status, output } = tour(installed);
    assert.equal(status, 0, output);
    assert.match(output, /Kernel panic - not syncing/, 'the tour shows a panic');
    assert.deepEqual(readdirSync(join(installed.cwd, 'node_modules/ringzero/runtime/native')).filter((file) => file === 'build'), [], 'nothing was compiled');
    console.log(`ok    without a compiler: ${['npm install', ...args].join(' ')}, and the tour`);
  }
}

/** Without an addon that fits, and without a compiler: one line says what to install, when npm installs and when it runs. */
function saysWhatToInstall(env, tarball) {
  const folder = join(work, 'unpacked');
  mkdirSync(folder);
  must('tar', ['xzf', tarball, '-C', folder]);
  rmSync(join(folder, 'package/runtime/native/prebuilds'), { recursive: true });
  const without = pack(join(folder, 'package'), folder);
  const failed = install(env, 'without', [without]);
  assert.notEqual(failed.status, 0, 'there is nothing to install');
  assert.match(words(failed.output).join('\n'), /^(npm error )?ringzero: .*there is no C\+\+ compiler, no make, no Python 3: install a C\+\+ compiler, make and Python 3 [^\n]*$/, failed.output);
  console.log('ok    neither addon nor compiler: npm install says what to install');
  const installed = install(env, 'without-scripts', [without, '--ignore-scripts']);
  assert.equal(installed.status, 0, installed.output);
  const { status, output } = tour(installed);
  assert.notEqual(status, 0, output);
  assert.match(words(output)[0] ?? output, /has no compiled addon for Node .* Install a C\+\+ compiler, make and Python 3/);
  assert.equal(words(output).length, 1, output);
  console.log('ok    and so does the command');
}

/** Each entry point, in strict projects that check the declarations of what they use. */
function typesAreSound(env, tarball) {
  const version = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
  const used = ['vitest', 'typescript', '@types/node'].map((name) => `${name}@${version(name)}`);
  const { cwd, status, output } = install(env, 'types', [tarball, ...used]);
  assert.equal(status, 0, output);
  const headers = readdirSync(join(root, 'kernel/include/linux')).map((file) => `ringzero/linux/${file.replace(/\.ts$/, '')}`);
  const entries = ['ringzero', 'ringzero/vitest', 'ringzero/vitest/plugin', 'ringzero/vitest/points', ...headers];
  writeFileSync(join(cwd, 'all.ts'), entries.map((entry, i) => `export * as entry${i} from '${entry}';\n`).join(''));
  cpSync(join(import.meta.dirname, 'fixtures/counter.ts'), join(cwd, 'counter.ts'));
  for (const [module, moduleResolution] of [['NodeNext', 'NodeNext'], ['ESNext', 'bundler']]) {
    const compilerOptions = { module, moduleResolution, target: 'ES2022', lib: ['ES2023'], types: ['node'], strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, noEmit: true };
    writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    must(process.execPath, [join(cwd, 'node_modules/typescript/bin/tsc'), '-p', cwd], { cwd });
    console.log(`ok    tsc with skipLibCheck: false, ${moduleResolution}, ${entries.length} entry points`);
  }
}

try {
  must('npm', ['run', 'build'], { cwd: root });
  must('npm', ['run', 'prebuilds'], { cwd: root });
  const tarball = pack(root, work);
  const env = bareEnvironment();
  toursWithoutCompiler(env, tarball);
  saysWhatToInstall(env, tarball);
  typesAreSound(env, tarball);
} finally {
  rmSync(join(root, 'runtime/native/prebuilds'), { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
}
