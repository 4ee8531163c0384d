// scenario: sleep_smp_call_ok
// family: sleep
// context: process
// what: smp_call_function_single with interrupts on
import { EIO } from 'ringzero/linux/errno';
import { smp_call_function_single } from 'ringzero/linux/smp';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  return smp_call_function_single(1, () => undefined, null, 1) !== 0 ? -EIO : 0;
}

ORACLE_MODULE(run);
