import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Arrows point one way: modules -> kernel/include -> kernel/* -> kernel/arch <- runtime/*. */
const layer = (files, forbidden) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: forbidden.map(([what, message]) => (Array.isArray(what) ? { group: what, message } : { regex: what.source, message })) },
    ],
  },
});

export default defineConfig(
  { ignores: ['dist/', '**/build/', 'node_modules/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Index signatures say "any key"; a record type alias says it no better.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      // Linux's struct and typedef names stand as types.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['runtime/cli/**', 'test/bench/**', '**/*.mjs'], rules: { 'no-console': 'off' } },
  layer(['modules/**'], [
    [['**/kernel/**', '**/runtime/**', 'node:*'], 'A module includes kernel headers only: ringzero/linux/*.'],
    [/^ringzero(\/vitest(\/.*)?)?$/, 'A module includes kernel headers only: ringzero/linux/*.'],
  ]),
  layer(['kernel/**'], [
    [['**/runtime/**', '**/modules/**'], 'kernel/ knows the machine only through kernel/arch.'],
    [['node:*', 'fs', 'path', 'worker_threads'], 'kernel/ is pure: no host facilities.'],
  ]),
  layer(['kernel/arch/**'], [
    [['../mm/*', '../locking/*', '../irq/*', '../sched/*', '../time/*', '../module/*', '../printk/*', '../include/**', '**/runtime/**', '**/modules/**', 'node:*'], 'kernel/arch is the contract at the bottom: it imports nothing above it.'],
  ]),
  {
    files: ['kernel/**', 'modules/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['Date', 'process', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance', 'console', 'Buffer'].map(
          (name) => ({ name, message: 'Kernel code is deterministic: it has the machine\'s clock, seed and console only.' }),
        ),
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Draw from the machine\'s choice.' }],
    },
  },
);
