// Code of a test file, with the points that the plugin gives it.
import { headers, instrumentTestFile, points } from '../../../build/bench/test/bench/common/internals.js';

/** What it exports. Its imports, of kernel headers, and its exports of constants each begin a line. */
export function loadTestFile(path, text) {
  const { code } = instrumentTestFile(path, text);
  const body = code
    .replace(/import ?\{(.*?)\} ?from ?'(.*?)';/g, (_, names, from) => `const{${names.replace(' as ', ':')}}=imported('${from}');`)
    .replace(/^export const /gm, 'exports.');
  const exports = {};
  const imported = (name) => (name === 'ringzero/vitest/points' ? { points } : headers[name.replace('ringzero/linux/', '')]);
  new Function('imported', 'exports', body)(imported, exports);
  return exports;
}
