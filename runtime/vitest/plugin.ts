/**
 * `ringzero/vitest/plugin`: code that is written in a test file gets the preemption points of a module file.
 *
 *     import { ringzero } from 'ringzero/vitest/plugin';
 *     import { defineConfig } from 'vitest/config';
 *
 *     export default defineConfig({ plugins: [ringzero()] });
 *
 * Functions inside `machine.run(() => ...)`, bodies of inline modules, threads and handlers then have a point before
 * each statement, and reports show their lines. What the host runs has none, even if it is the same function: the test
 * itself, a scenario, a device model, the console, a strategy, an invariant. Left out are
 *
 * - async functions and generators, whose frames are left and entered again; functions inside them are not left out
 * - what a constructor does before its super(), and a file's top level, which no machine runs
 * - files that `include` does not name, a test's helpers for one
 *
 * Files of modules that a test loads belong to it: vitest's coverage has them, and its watch mode runs the test again
 * when one of them changes. That, too, is of the test files that `include` names.
 */
import type { VitestPluginContext } from 'vitest/node';
import { instrumentTestFile } from './instrument_test.js';
import { matches, type Pattern } from '../machine/pattern.js';
import { follow } from './follow.js';
import { TEST_FILES } from './test_files.js';

export interface PluginOptions {
  /** Paths of the files that get points: those of tests, `*.test.ts` or `*.spec.ts` and the like, unless told. */
  readonly include?: Pattern;
  /** Paths of files that do not, even so: those in `node_modules`, unless told. */
  readonly exclude?: Pattern;
}

/** As much of Vite's plugins as there is of this one. */
export interface Plugin {
  readonly name: string;
  readonly enforce: 'pre';
  readonly transform: (code: string, id: string) => { code: string; map: string } | null;
  readonly configureVitest: (context: VitestPluginContext) => void;
}

/** The plugin. It comes before those that take types out, and sees the file as its author wrote it. */
export function ringzero({ include = TEST_FILES, exclude = '/node_modules/' }: PluginOptions = {}): Plugin {
  return {
    name: 'ringzero',
    enforce: 'pre',
    transform: (code, id) => (matches(id, include) && !matches(id, exclude) ? instrumentTestFile(id, code) : null),
    configureVitest: follow,
  };
}
