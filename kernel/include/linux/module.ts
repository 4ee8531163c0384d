/** What makes a file a module. Follows include/linux/module.h, moduleparam.h and export.h. */
import { as_text, shown } from '../../lib/shown.js';
import { kernel } from '../../current.js';
import type { module } from '../../module/module.js';
import { check_default, kernel_param, type module_param as param_handle, type ParamTypes, type ParamType } from '../../module/param.js';

export type { module } from '../../module/module.js';
export { MODULE_STATE_COMING, MODULE_STATE_GOING, MODULE_STATE_LIVE, MODULE_STATE_UNFORMED } from '../../module/module.js';

/** The module that this code belongs to; null in code that belongs to none. The loader sets it for each module. */
export const THIS_MODULE: module | null = null;

/** Kinds of parameter, for module_param(): as in C they are named bare. */
export const byte = 'byte';
export const short = 'short';
export const ushort = 'ushort';
export const int = 'int';
export const uint = 'uint';
export const long = 'long';
export const ulong = 'ulong';
export const bool = 'bool';
export const invbool = 'invbool';
export const charp = 'charp';

/**
 * Names the function that runs when the module is loaded: 0, or a negative errno and the module is not loaded.
 * Context: a module's top level. The function runs in process context, may sleep.
 */
export function module_init(init: () => number): void {
  const mod = kernel.modules.this_module('module_init');
  if (mod.init !== null) throw new Error('module_init() is called twice');
  mod.init = init;
}

/** Names the function that runs when the module is unloaded. A module with an init and no exit stays for ever. */
export function module_exit(exit: () => void): void {
  const mod = kernel.modules.this_module('module_exit');
  if (mod.exit !== null) throw new Error('module_exit() is called twice');
  mod.exit = exit;
}

function info(macro: string, tag: string, text: string): void {
  const mod = kernel.modules.this_module(macro);
  mod.info = [...mod.info, { tag, text }];
}

/** The licence, as modinfo shows it. Its call is also what tells a module's main file from its other files. */
export function MODULE_LICENSE(text: string): void {
  info('MODULE_LICENSE', 'license', text);
}
export function MODULE_AUTHOR(text: string): void {
  info('MODULE_AUTHOR', 'author', text);
}
export function MODULE_DESCRIPTION(text: string): void {
  info('MODULE_DESCRIPTION', 'description', text);
}
export function MODULE_VERSION(text: string): void {
  info('MODULE_VERSION', 'version', text);
}
export function MODULE_ALIAS(text: string): void {
  info('MODULE_ALIAS', 'alias', text);
}
export function MODULE_INFO(tag: string, text: string): void {
  info('MODULE_INFO', tag, text);
}

/**
 * A parameter that insmod may set: `const howmany = module_param('howmany', int, 1, 0o444)`, read as `howmany.value`.
 * `value` is the default; `perm` the mode of its file in sysfs, 0 for none. Context: a module's top level.
 */
export function module_param<K extends ParamType>(name: string, type: K, value: ParamTypes[K], perm: number): param_handle<ParamTypes[K]> {
  const mod = kernel.modules.this_module('module_param');
  if (mod.param(name) !== null) throw new Error(`module_param('${as_text(name)}') is called twice`);
  const wrong = check_default(type, value);
  if (wrong !== null) throw new TypeError(`module_param('${as_text(name)}', ${as_text(type)}): the default must be ${wrong}, got ${shown(value)}`);
  const param = new kernel_param(name, type, value, perm);
  mod.params.push(param);
  return param;
}

/** Says what a parameter is for. Context: a module's top level, after its module_param(). */
export function MODULE_PARM_DESC(name: string, text: string): void {
  const param = kernel.modules.this_module('MODULE_PARM_DESC').param(name);
  if (param === null) throw new Error(`MODULE_PARM_DESC('${name}'): there is no such parameter`);
  param.description = text;
}

/** Lets other modules use `symbol`. A function goes by its own name. Context: a module's top level. */
export function EXPORT_SYMBOL(symbol: unknown, name?: string): void {
  const key = name ?? (typeof symbol === 'function' ? symbol.name : '');
  if (key === '') throw new Error('EXPORT_SYMBOL() of something without a name: give it as the second argument');
  const owner = kernel.modules.this_module('EXPORT_SYMBOL');
  (owner.exports ??= new Map()).set(key, symbol);
  if (typeof symbol === 'function') kernel.modules.set_owner(symbol, owner);
}
export const EXPORT_SYMBOL_GPL = EXPORT_SYMBOL;

/** Takes a reference, so that the module cannot be unloaded. Returns false where it is on its way out. Context: any. */
export function try_module_get(mod: module | null): boolean {
  return kernel.modules.try_module_get(mod);
}

/** As try_module_get(), for a caller that holds a reference already. Context: any. */
export function __module_get(mod: module | null): void {
  kernel.modules.__module_get(mod);
}

/** Drops a reference of try_module_get(). Context: any. */
export function module_put(mod: module | null): void {
  kernel.modules.module_put(mod);
}
