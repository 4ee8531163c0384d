// scenario: mod_stack_overflow
// family: module
// context: insmod
// what: unbounded recursion in init
import { ORACLE_MODULE, orc_zero } from './oracle.js';

function rec(n: number): number {
  const b = [n];
  return rec(n + 1 + b[0]! * 0) + b[0]!;
}

function run(): number {
  return rec(orc_zero) & 0;
}

ORACLE_MODULE(run);
