/** The scenarios that are more than insmod and rmmod of one module: the twins of the NAME.sh. */
import type { ModuleParams } from '../../kernel/module/main.js';

export type Step =
  | { readonly do: 'insmod'; readonly module: string; readonly params?: ModuleParams }
  | { readonly do: 'rmmod'; readonly module: string }
  | { readonly do: 'sleep'; readonly seconds: number };

const insmod = (module: string, params: ModuleParams = {}): Step => ({ do: 'insmod', module, params });
const rmmod = (module: string): Step => ({ do: 'rmmod', module });
const sleep = (seconds: number): Step => ({ do: 'sleep', seconds });

/** insmod, rmmod, and a little while for what the module has left running. */
export const usual = (name: string): readonly Step[] => [insmod(name), rmmod(name), sleep(1)];

export const scripts: ReadonlyMap<string, readonly Step[]> = new Map<string, readonly Step[]>([
  ['defer_kthread_unload', [insmod('defer_kthread_unload'), rmmod('defer_kthread_unload'), sleep(4)]],
  ['defer_work_unload_pending', [insmod('defer_work_unload_pending'), rmmod('defer_work_unload_pending'), sleep(2)]],
  ['mod_bad_param', [insmod('mod_params', { n: 'abc' })]],
  ['mod_bad_param_empty', [insmod('mod_params', { n: '' })]],
  ['mod_dep_inuse', [insmod('mod_dep_base'), insmod('mod_dep_user'), rmmod('mod_dep_base'), rmmod('mod_dep_user'), rmmod('mod_dep_base')]],
  ['mod_init_oops_rmmod', [insmod('mod_init_oops'), rmmod('mod_init_oops')]],
  ['mod_no_exit', [insmod('mod_no_exit'), rmmod('mod_no_exit')]],
  ['mod_param_bool', [insmod('mod_params', { f: '2' })]],
  ['mod_param_range', [insmod('mod_params', { b: 300 })]],
  ['mod_param_unknown', [insmod('mod_params', { zzz: 1 }), rmmod('mod_params')]],
  ['mod_rmmod_absent', [rmmod('nosuchmodule')]],
]);
