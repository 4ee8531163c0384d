// scenario: sleep_completion_hardirq
// family: sleep
// context: hardirq
// what: wait_for_completion (done) in a hardirq handler
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { ORACLE_MODULE, orc_in_hardirq } from './oracle.js';

const c = DECLARE_COMPLETION('c');

function f(): void {
  wait_for_completion(c);
}

function run(): number {
  complete(c);
  return orc_in_hardirq(f);
}

ORACLE_MODULE(run);
