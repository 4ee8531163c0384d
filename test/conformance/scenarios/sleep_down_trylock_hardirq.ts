// scenario: sleep_down_trylock_hardirq
// family: sleep
// context: hardirq
// what: down_trylock and up in a hardirq handler
import { DEFINE_SEMAPHORE, down_trylock, up } from 'ringzero/linux/semaphore';
import { ORACLE_MODULE, orc_in_hardirq } from './oracle.js';

const s = DEFINE_SEMAPHORE('s');

function f(): void {
  if (down_trylock(s) === 0) up(s);
}

function run(): number {
  return orc_in_hardirq(f);
}

ORACLE_MODULE(run);
