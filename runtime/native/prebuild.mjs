// npm run prebuilds [-- --all]: compiles the addons that travel in the package, into prebuilds/ beside this file: the one for
// this Node, or with --all those that are promised, for each supported Node on Linux on x64 and arm64. Where one cannot be
// made there is none, and the exit code says so: what is packed is all that is promised.
//
// arm64 takes Debian's g++-aarch64-linux-gnu where this machine is none; with qemu-user the result is tried as well.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, fetchNode, MAJORS, native, run, StepFailed } from './building.mjs';

const ARCHS = ['x64', 'arm64'];
const CROSS = { arm64: 'aarch64-linux-gnu', x64: 'x86_64-linux-gnu' };
const QEMU = { arm64: 'qemu-aarch64', x64: 'qemu-x86_64' };

/** The oldest libraries that Node 20 itself runs on; the addon must ask for none that is newer. */
const BASELINE = { GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11' };

const prebuilds = join(native, 'prebuilds');

/** a > b, of 2.28 and the like. */
function newer(a, b) {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) > (y[i] ?? 0);
  }
  return false;
}

/** The newest version that the addon asks of each library. */
function asksFor(addon) {
  const newest = {};
  for (const [, name, version] of readFileSync(addon, 'latin1').matchAll(/\0(GLIBC|GLIBCXX|CXXABI)_([\d.]+)(?=\0)/g)) {
    if (newest[name] === undefined || newer(version, newest[name])) newest[name] = version;
  }
  return newest;
}

/** As node-gyp-build looks for it. */
function fileName(nodedir) {
  const header = readFileSync(join(nodedir, 'include', 'node', 'node_version.h'), 'utf8');
  const [, abi] = /^#define NODE_MODULE_VERSION (\d+)/m.exec(header);
  return `stacks.abi${abi}.glibc.node`;
}

/** Its own Node loads it and switches, in each way that this machine has. */
function tryAddon(addon, nodedir, arch) {
  const node = join(nodedir, 'bin', 'node');
  const [program, args] = arch === process.arch ? [node, []] : [QEMU[arch], ['-L', `/usr/${CROSS[arch]}`, node]];
  if (spawnSync(program, ['--version']).error !== undefined) return `not tried: there is no ${program}`;
  const tried = [undefined, 'portable'].map((mode) => {
    const env = { ...process.env, ...(mode === undefined ? {} : { RINGZERO_SWITCH: mode }) };
    const [used, version, switches] = run('trying it', program, [...args, join(native, 'try_addon.mjs'), addon], { env }).trim().split(' ');
    if (switches !== '3000') throw new StepFailed(`trying it: ${switches} switches instead of 3000`);
    return { used, version };
  });
  return `${tried[0].version} runs it (${[...new Set(tried.map(({ used }) => used))].join(', ')})`;
}

function prebuild(major, arch) {
  const fetched = fetchNode(major, arch);
  const cross = arch === process.arch ? {} : { CC: `${CROSS[arch]}-gcc`, CXX: `${CROSS[arch]}-g++` };
  const compiled = compile(fetched, arch, process.execPath, { ...process.env, ...cross, LDFLAGS: '-s' });
  const asks = asksFor(compiled);
  for (const [library, version] of Object.entries(asks)) {
    if (newer(version, BASELINE[library])) throw new StepFailed(`it asks for ${library}_${version}; ${BASELINE[library]} is promised`);
  }
  const tried = tryAddon(compiled, fetched.nodedir, arch);
  const folder = join(prebuilds, `linux-${arch}`);
  mkdirSync(folder, { recursive: true });
  const name = fileName(fetched.nodedir);
  copyFileSync(compiled, join(folder, name));
  const libraries = Object.entries(asks).map(([library, version]) => `${library}_${version}`);
  console.log(`ok    linux-${arch}/${name}: ${tried}; asks for ${libraries.join(', ')}`);
}

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
if (process.platform !== 'linux') {
  console.error('prebuilds are made on Linux');
  process.exit(2);
}
rmSync(prebuilds, { recursive: true, force: true });
const wanted = values.all ? MAJORS.flatMap((major) => ARCHS.map((arch) => [major, arch])) : [[process.versions.node.split('.')[0], process.arch]];
for (const [major, arch] of wanted) {
  try {
    prebuild(major, arch);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(`FAIL  Node ${major} on ${arch}: ${error.message}`);
    process.exitCode = 1;
  }
}
if (process.exitCode === 1) {
  rmSync(prebuilds, { recursive: true, force: true });
  console.error('not all could be made that is promised: there is nothing to pack');
}
