// scenario: irq_free_bad_number
// family: irq
// context: process
// what: free_irq(9999)
import { free_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, say } from './oracle.js';

const a = {};

function run(): number {
  const n = free_irq(9999, a);
  say('free_irq returned %s', n !== null ? 'a name' : 'NULL');
  return 0;
}

ORACLE_MODULE(run);
