// npm runs this when it installs ringzero. The addon comes compiled in the package for Linux with glibc on x64 and arm64; where
// none fits, and in a checkout, whose sources may be others, it is compiled. What went wrong is printed where something does.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import nodeGypBuild from 'node-gyp-build';

const folder = import.meta.dirname;
const isCheckout = existsSync(join(folder, '..', '..', '.git'));
const BUILT = /[\\/]build[\\/](Release|Debug)[\\/]/;

/** Whether one travels in the package that this Node loads. What was compiled here before is compiled again. */
function hasPrebuilt() {
  try {
    const path = nodeGypBuild.path(folder);
    if (BUILT.test(path)) return false;
    createRequire(import.meta.url)(path);
    return true;
  } catch {
    return false; // none, or one for other libraries: both mean to compile
  }
}

/** What of a compiler's needs is not there. On Windows node-gyp looks in other places, and says so itself. */
function missingTools() {
  if (process.platform === 'win32') return [];
  const there = (programs) => programs.some((program) => program !== undefined && spawnSync(program.split(' ')[0], ['--version']).error === undefined);
  const tools = {
    'C++ compiler': [process.env.CXX, 'c++', 'g++', 'clang++'],
    make: [process.env.MAKE, 'make', 'gmake'],
    'Python 3': [process.env.PYTHON, process.env.npm_config_python, 'python3', 'python'],
  };
  return Object.keys(tools).filter((tool) => !there(tools[tool]));
}

function fail(reason) {
  console.error(`ringzero: ${reason}`);
  process.exit(1);
}

if (isCheckout || !hasPrebuilt()) {
  const missing = missingTools();
  if (missing.length > 0) {
    const here = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
    fail(`for ${here} the addon must be compiled, and there is no ${missing.join(', no ')}: install a C++ compiler, make and Python 3 (Debian, Ubuntu: apt-get install g++ make python3; Alpine: apk add g++ make python3; macOS: xcode-select --install) and install again`);
  }
  const gyp = process.env.npm_config_node_gyp;
  const [program, args] = gyp === undefined ? ['node-gyp', []] : [process.execPath, [gyp]];
  const { status, error, stdout, stderr } = spawnSync(program, [...args, 'rebuild', '-C', folder], { encoding: 'utf8', shell: gyp === undefined && process.platform === 'win32' });
  if (error !== undefined) fail(`the addon cannot be compiled: ${error.message}; run \`npm rebuild ringzero\`, since npm brings node-gyp`);
  if (status !== 0) {
    console.error(`${stdout}${stderr}`);
    fail('the addon could not be compiled: the lines above say why');
  }
}
