import { testCases } from './harness.js';

await testCases('limits');
