// scenario: defer_timer_ok
// family: defer
// context: softirq
// what: timer fires once, del_timer_sync
import { ORACLE_MODULE, orc_in_timer } from './oracle.js';

const n = { calls: 0 };

function f(): void {
  n.calls++;
}

function run(): number {
  return orc_in_timer(f);
}

ORACLE_MODULE(run);
