// npm run test:matrix [-- 22 24]: builds the addon for each supported major version of Node against that
// version's own headers, and runs the tests that stand on it with that version's own node. Then the same seeds
// must have gone the same way in all of them.
//
// The versions come from npm's node-<platform>-<arch> packages and are kept in the temporary folder.

import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { compile, fetchNode, MAJORS, root, run, StepFailed } from './building.mjs';

const TESTS = ['test/native', 'test/machine'];
const MODES = ['fast', 'portable'];

const eventLog = join(root, 'test', 'machine', 'fixtures', 'event_log.mjs');

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
  const fetched = fetchNode(major, process.arch);
  const node = join(fetched.nodedir, 'bin', 'node');
  const version = run('node --version', node, ['--version']).trim();
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const addon = compile(fetched, process.arch, node, env);
  return { version, tests: test(node, addon, env), digests: digests(node, addon, env) };
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(`test:matrix needs Linux on x64 (npm has no node-${process.platform}-${process.arch} packages with headers for this platform)`);
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
