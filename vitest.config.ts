import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^ringzero$/, replacement: here('./runtime/index.ts') },
      { find: /^ringzero\/vitest$/, replacement: here('./runtime/vitest/index.ts') },
      { find: /^ringzero\/vitest\/(plugin|points)$/, replacement: here('./runtime/vitest/') + '$1.ts' },
      { find: /^ringzero\/linux\/(.*)$/, replacement: here('./kernel/include/linux/') + '$1.ts' },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/build.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    // Many tests want an exploration to fail, and each time by the same schedule.
    env: { RINGZERO_EXPLORE_KEEP: 'false' },
  },
});
