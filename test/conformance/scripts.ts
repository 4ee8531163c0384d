/** The scenarios that are more than insmod and rmmod of one module: the twins of the NAME.sh. */
import type { ModuleParams } from '../../kernel/module/main.js';

export type Step =
  | { readonly do: 'insmod'; readonly module: string; readonly params?: ModuleParams }
  | { readonly do: 'rmmod'; readonly module: string; readonly told?: boolean }
  | { readonly do: 'failslab'; readonly probability: number }
  | { readonly do: 'leakscan' }
  | { readonly do: 'sleep'; readonly seconds: number };

const insmod = (module: string, params: ModuleParams = {}): Step => ({ do: 'insmod', module, params });
const rmmod = (module: string): Step => ({ do: 'rmmod', module });
const sleep = (seconds: number): Step => ({ do: 'sleep', seconds });

/** As the script of the failslab scenarios: only tasks that say so, sleeping allocations too, as often as asked. */
const failslab = (probability: number): Step => ({ do: 'failslab', probability });
const leakscan: Step = { do: 'leakscan' };

/** insmod, rmmod, and a little while for what the module has left running. */
export const usual = (name: string): readonly Step[] => [insmod(name), rmmod(name), sleep(1)];

export const scripts: ReadonlyMap<string, readonly Step[]> = new Map<string, readonly Step[]>([
  ...['alloc_failslab', 'alloc_failslab_atomic'].map((name): [string, readonly Step[]] => [name, [failslab(100), insmod(name), failslab(0), { do: 'rmmod', module: name, told: true }]]),
  ...['free_leak', 'free_leak_at_unload'].map((name): [string, readonly Step[]] => [name, [insmod(name), rmmod(name), leakscan]]),
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
