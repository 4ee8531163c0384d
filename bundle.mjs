/**
 * Builds what is shipped, but for its types: the entry points in dist/, and kernel and runtime together in one file.
 *
 * V8 reads a variable of another file through a cell, and checks it, at each use: in one file the same code is some
 * 6 % faster. And Node takes longer to find four hundred files than to run what is in them.
 */
import { chmodSync, readdirSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { build } from 'rolldown';

const root = import.meta.dirname;
const HEADERS = 'kernel/include/linux';

const ENTRIES = [
  'runtime/index.ts',
  'runtime/vitest/index.ts',
  'runtime/vitest/plugin.ts',
  'runtime/vitest/points.ts',
  'runtime/cli/main.ts',
  // Started as a thread.
  'runtime/supervisor/worker.ts',
  // For tests of the program as it is shipped.
  'runtime/cli/cli.ts',
  'runtime/supervisor/supervisor.ts',
  ...readdirSync(join(root, HEADERS)).map((file) => `${HEADERS}/${file}`),
];

/** Fills a folder, and leaves there what else is in it: types. `more`: further entry points, which share the one file; paths from the package's folder. */
export async function bundle(folder, more = []) {
  await build({
    cwd: root,
    input: Object.fromEntries([...ENTRIES, ...more].map((file) => [file.replace(/\.m?[jt]s$/, ''), file])),
    platform: 'node',
    tsconfig: join(root, 'tsconfig.json'),
    external: (id) => !id.startsWith('.') && !isAbsolute(id) && !/^ringzero(\/|$)/.test(id),
    output: {
      dir: folder,
      sourcemap: true,
      // Reports name functions.
      keepNames: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'runtime/[name].js',
      codeSplitting: { groups: [{ name: 'ringzero', test: /[\\/](kernel|runtime)[\\/](?!cli[\\/]|vitest[\\/]|supervisor[\\/]worker)/ }] },
    },
  });
  // npm makes it executable where it installs the package; a link that it has made to this folder outlives the file.
  chmodSync(join(folder, 'runtime/cli/main.js'), 0o755);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) await bundle(join(root, 'dist'));
