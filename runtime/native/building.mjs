// How the addon is compiled for a Node that need not be the one that runs: with that version's headers, which come, beside its
// program, from npm's node-<platform>-<arch> packages and are kept in the temporary folder.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

/** The major versions of Node that are supported. */
export const MAJORS = ['20', '22', '24', '26'];

export const native = import.meta.dirname;
export const root = join(native, '..', '..');
const cache = join(tmpdir(), 'ringzero-nodes');

export class StepFailed extends Error {}

/** Runs a program quietly and returns what it printed. */
export function run(step, program, args, options) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  const output = `${stdout ?? ''}${stderr ?? ''}`;
  if (status === 0) return output;
  throw new StepFailed(`${step} failed${error ? `: ${error.message}` : ''}\n${output}`);
}

/** node-gyp as npm brings it: npm tells its scripts where; outside npm it is found beside npm itself. */
export function nodeGyp() {
  if (process.env.npm_config_node_gyp) return process.env.npm_config_node_gyp;
  const { stdout } = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' });
  return join((stdout ?? '').trim(), 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
}

/** Node for Linux on a processor, this one or another: its folder has bin/node and include/node. */
export function fetchNode(major, arch) {
  const name = `node-linux-${arch}`;
  const folder = join(cache, `${major}-${arch}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // A package for another processor is not installed but by force.
  run('npm install', 'npm', ['install', '--no-audit', '--no-fund', '--no-save', '--force', `${name}@${major}`], { cwd: folder });
  return { nodedir: join(folder, 'node_modules', name), folder };
}

/** Compiles a copy of the sources there, and returns the addon's path. A warning of the compiler is a failure. */
export function compile({ nodedir, folder }, arch, node, env) {
  const sources = join(folder, 'native');
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources);
  for (const name of readdirSync(native)) {
    if (['.cc', '.h', '.gyp'].includes(extname(name))) copyFileSync(join(native, name), join(sources, name));
  }
  // To node-gyp the environment is stronger than its arguments, and npm sets nodedir there.
  const gypEnv = { ...env, npm_config_nodedir: nodedir, NODE_PATH: join(root, 'node_modules') };
  const args = [nodeGyp(), 'rebuild', '-C', sources, `--nodedir=${nodedir}`, `--arch=${arch}`];
  const log = run('node-gyp', node, args, { cwd: sources, env: gypEnv });
  if (log.includes('warning:')) throw new StepFailed(`the compiler warns\n${log}`);
  return join(sources, 'build', 'Release', 'stacks.node');
}
