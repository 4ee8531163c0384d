// scenario: sleep_completion_never
// family: sleep
// context: process
// what: wait_for_completion that never comes: hung task
import { DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { ORACLE_MODULE } from './oracle.js';

const c = DECLARE_COMPLETION('c');

function run(): number {
  wait_for_completion(c);
  return 0;
}

ORACLE_MODULE(run);
