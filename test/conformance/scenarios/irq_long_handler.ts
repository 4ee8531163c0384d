// scenario: irq_long_handler
// family: irq
// context: hardirq
// what: a handler that busy-waits 200 ms
import { mdelay } from 'ringzero/linux/delay';
import { ORACLE_MODULE, orc_in_hardirq } from './oracle.js';

function f(): void {
  mdelay(200);
}

function run(): number {
  return orc_in_hardirq(f);
}

ORACLE_MODULE(run);
