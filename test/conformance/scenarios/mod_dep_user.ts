import { mod_dep_value } from './mod_dep_base.js';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  say('value %d', mod_dep_value());
  return 0;
}

ORACLE_MODULE(run);
