import { describe } from 'vitest';
import { testCases } from './harness.js';

describe('asked for', () => testCases('collecting', ['--expose-gc']));
describe('every 200 allocations', () => testCases('collecting-stress', ['--expose-gc', '--gc-interval=200']));
describe('compacting always', () => testCases('collecting-stress', ['--expose-gc', '--stress-compaction', '--gc-interval=2000']));
describe('marking step by step', () => testCases('collecting-stress', ['--expose-gc', '--stress-incremental-marking']));
