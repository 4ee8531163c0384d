/**
 * The tests' side of what the plugin is told: the files of modules that a test file depends on, and what has run of them.
 */
import { afterAll, inject } from 'vitest';
import { collectCoverage, countsSince, istanbulCoverage, type IstanbulFile } from '../loader/coverage.js';
import { readFiles } from '../loader/read_files.js';
import { COVERAGE } from './told.js';

/** What earlier test files of this process have told. */
let toldBefore: Record<string, IstanbulFile> = {};

if (inject(COVERAGE) === true) collectCoverage();

/** To be called at the top level of a test file. */
export function record(): void {
  // Vitest reads the first parameter's text, for the fixtures that it names.
  afterAll(({}, { file }) => {
    const now = istanbulCoverage();
    file.meta.ringzero = { files: readFiles(), coverage: Object.fromEntries(Object.entries(now).map(([path, counts]) => [path, countsSince(toldBefore[path], counts)])) };
    toldBefore = now;
  });
}
