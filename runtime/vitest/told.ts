/** What goes between the plugin and its tests, which run in another process: text and numbers. */
import type { IstanbulFile } from '../loader/coverage.js';

/** What the plugin provides to its tests: whether coverage is asked for. */
export const COVERAGE = 'ringzero:coverage';

/** What a test file tells when its tests have run, as meta data of vitest's. */
export interface Told {
  /** Files of modules that it depends on; absolute. */
  readonly files: readonly string[];
  readonly coverage: Readonly<Record<string, IstanbulFile>>;
}

declare module 'vitest' {
  interface ProvidedContext {
    'ringzero:coverage'?: boolean;
  }
  interface TaskMeta {
    ringzero?: Told;
  }
}
