// scenario: irq_ok
// family: irq
// context: hardirq
// what: request_irq, one interrupt, free_irq
import { ORACLE_MODULE, orc_in_hardirq, say } from './oracle.js';

let n = 0;

function f(): void {
  n++;
}

function run(): number {
  const r = orc_in_hardirq(f);
  say('calls %d', n);
  return r;
}

ORACLE_MODULE(run);
