// scenario: mod_params
// family: module
// context: insmod
// what: helper for the parameter scenarios: int n, byte b, bool f, charp s
import { bool, byte, charp, int, module_param } from 'ringzero/linux/module';
import { ORACLE_MODULE, say } from './oracle.js';

const n = module_param('n', int, 1, 0o644);
const b = module_param('b', byte, 0, 0o644);
const f = module_param('f', bool, false, 0o644);
const s = module_param('s', charp, 'x', 0o444);

function run(): number {
  say('n=%d b=%d f=%d s=%s', n.value, b.value, f.value, s.value);
  return 0;
}

ORACLE_MODULE(run);
