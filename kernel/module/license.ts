/** What taints the kernel when a module is loaded. Follows kernel/module/main.c: check_modinfo(), set_license(); include/linux/license.h. */
import { kernel } from '../current.js';
import { TAINT_OOT_MODULE, TAINT_PROPRIETARY_MODULE } from '../debug/report.js';
import { debug_locks_off } from '../locking/lockdep.js';
import { pr_warn } from '../printk/printk.js';
import type { module } from './module.js';

const GPL_COMPATIBLE: readonly string[] = ['GPL', 'GPL v2', 'GPL and additional rights', 'Dual BSD/GPL', 'Dual MIT/GPL', 'Dual MPL/GPL'];

/** The module comes from outside of the kernel's own tree. Context: process. */
export function taint_out_of_tree(mod: module): void {
  if ((kernel.taint & TAINT_OOT_MODULE) !== 0) return;
  pr_warn('%s: loading out-of-tree module taints kernel.\n', mod.name);
  kernel.taint |= TAINT_OOT_MODULE;
}

/** Looks at the licence that the module declares, once its top level has run. Context: process. */
export function set_license(mod: module): void {
  const license = mod.info.find(({ tag }) => tag === 'license')?.text ?? 'unspecified';
  if (GPL_COMPATIBLE.includes(license)) return;
  if ((kernel.taint & TAINT_PROPRIETARY_MODULE) === 0) pr_warn("%s: module license '%s' taints kernel.\n", mod.name, license);
  // As add_taint() with LOCKDEP_NOW_UNRELIABLE.
  if (debug_locks_off()) pr_warn('Disabling lock debugging due to kernel taint\n');
  kernel.taint |= TAINT_PROPRIETARY_MODULE;
}
