/** What benchmarks measure of ringzero's inside: run.mjs builds it into build/bench, cut into files as dist is. */
export { headers } from '../../../kernel/include/headers.js';
export { point, statement } from '../../../kernel/arch/point.js';
export { EXPLORED_KINDS } from '../../../runtime/choice/restricted.js';
export { Campaign } from '../../../runtime/explore/campaign.js';
export { Census } from '../../../runtime/explore/census.js';
export { contextBound } from '../../../runtime/explore/context_bound.js';
export { Explorer } from '../../../runtime/explore/explore.js';
export { readOptions, STRATEGIES } from '../../../runtime/explore/options.js';
export { Subject } from '../../../runtime/explore/schedule.js';
export { BoundedSearch, DrawnSearch } from '../../../runtime/explore/search.js';
export { boot, explore } from '../../../runtime/index.js';
export { loadStacks } from '../../../runtime/native/index.js';
export { instrumentTestFile } from '../../../runtime/vitest/instrument_test.js';
export { points } from '../../../runtime/vitest/points.js';
