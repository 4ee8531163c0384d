// npm run test:matrix [-- 22 24]: builds the addon for each supported major version of Node against that
// version's own headers, and runs the tests that stand on it with that version's own node. Then the same seeds
// must have gone the same way in all of them.
//
// The versions come from npm's node-<platform>-<arch> packages and are kept in the temporary folder.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAJORS = ['20', '22', '24', '26'];
const TESTS = ['test/native', 'test/machine'];
const MODES = ['fast', 'portable'];

const native = dirname(fileURLToPath(import.meta.url));
const root = join(native, '..', '..');
const cache = join(tmpdir(), 'ringzero-matrix');
const eventLog = join(root, 'test', 'machine', 'fixtures', 'event_log.mjs');
const nodePackage = `node-${process.platform}-${process.arch}`;

class StepFailed extends Error {}

/** Runs a program quietly and returns what it printed. */
function run(step, program, args, options) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  const output = `${stdout ?? ''}${stderr ?? ''}`;
  if (status === 0) return output;
  throw new StepFailed(`${step} failed${error ? `: ${error.message}` : ''}\n${output}`);
}

/** node-gyp as npm brings it: npm tells its scripts where; outside npm it is found beside npm itself. */
function nodeGyp() {
  if (process.env.npm_config_node_gyp) return process.env.npm_config_node_gyp;
  const { stdout } = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' });
  return join(stdout.trim(), 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
}

function install(major, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm install', 'npm', ['install', '--no-audit', '--no-fund', '--no-save', `${nodePackage}@${major}`], { cwd: folder });
  return join(folder, 'node_modules', nodePackage);
}

function build(node, nodedir, folder, env) {
  const sources = join(folder, 'native');
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources);
  for (const name of readdirSync(native)) {
    if (['.cc', '.h', '.gyp'].includes(extname(name))) copyFileSync(join(native, name), join(sources, name));
  }
  // To node-gyp the environment is stronger than its arguments, and npm sets nodedir there.
  const gypEnv = { ...env, npm_config_nodedir: nodedir, NODE_PATH: join(root, 'node_modules') };
  const args = [nodeGyp(), 'rebuild', '-C', sources, `--nodedir=${nodedir}`];
  const log = run('node-gyp', node, args, { cwd: sources, env: gypEnv });
  if (log.includes('warning:')) throw new StepFailed(`the compiler warns\n${log}`);
  return join(sources, 'build', 'Release', 'stacks.node');
}

function test(node, addon, env) {
  const folders = TESTS.filter((folder) => existsSync(join(root, folder)));
  const args = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...folders];
  const output = run('vitest', node, args, { cwd: root, env: { ...env, RINGZERO_ADDON: addon, NO_COLOR: '1' } });
  return output.split('\n').find((line) => line.trim().startsWith('Tests '))?.trim() ?? 'no tests';
}

/** One digest of the event logs of many seeds, for each way to switch. */
function digests(node, addon, env) {
  return MODES.map((mode) => {
    const modeEnv = { ...env, RINGZERO_ADDON: addon, RINGZERO_SWITCH: mode };
    return { mode, digest: run(`event_log.mjs (${mode})`, node, [eventLog], { env: modeEnv }).trim() };
  });
}

/** Runs everything with one version of Node; returns its name, what its tests said and its digests. */
function tryVersion(major) {
  const folder = join(cache, major);
  const nodedir = install(major, folder);
  const node = join(nodedir, 'bin', 'node');
  const version = run('node --version', node, ['--version']).trim();
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const addon = build(node, nodedir, folder, env);
  return { version, tests: test(node, addon, env), digests: digests(node, addon, env) };
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(`test:matrix needs Linux on x64 (npm has no ${nodePackage} packages with headers for this platform)`);
  process.exit(2);
}
const majors = process.argv.length > 2 ? process.argv.slice(2) : MAJORS;
const unknown = majors.filter((major) => !/^\d+$/.test(major));
if (unknown.length > 0) {
  console.error(`not a major version of Node: ${unknown.join(', ')}`);
  process.exit(2);
}

try {
  run('npm run build', 'npm', ['run', 'build'], { cwd: root });
} catch (error) {
  console.log(`FAIL  ${error.message}`);
  process.exit(1);
}
const failed = [];
const seen = new Map(); // digest: where it was seen
for (const major of majors) {
  try {
    const { version, tests, digests: found } = tryVersion(major);
    console.log(`ok    ${version}: ${tests}`);
    for (const { mode, digest } of found) seen.set(digest, [...(seen.get(digest) ?? []), `${version} ${mode}`]);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    failed.push(major);
    console.log(`FAIL  Node ${major}: ${error.message}`);
  }
}
for (const [digest, where] of seen) {
  console.log(`${seen.size === 1 ? 'ok  ' : 'FAIL'}  event logs ${digest.slice(0, 16)}: ${where.join(', ')}`);
}
const passed = failed.length === 0 && seen.size === 1;
if (failed.length > 0) console.log(`failed on Node ${failed.join(', ')}`);
if (seen.size > 1) console.log('the same seed does not go the same way everywhere');
if (passed) console.log(`all of Node ${majors.join(', ')} passed`);
process.exitCode = passed ? 0 : 1;
