/** Loading and unloading. Follows kernel/module/main.c: load_module(), do_init_module(), delete_module(). */
import { shown } from '../lib/shown.js';
import { enter, leave } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { decrement, increment, statement, within } from '../arch/point.js';
import type { Look, ModuleImage, Unmap } from '../arch/module_image.js';
import { kernel } from '../current.js';
import { handle_exception } from '../debug/oops.js';
import { note_catch, note_throw } from '../debug/trap.js';
import { debug_show_held_locks, type Place, report } from '../debug/report.js';
import { report_locks_at_exit } from '../debug/sys_exit.js';
import { headers } from '../include/headers.js';
import { EAGAIN, EBUSY, EEXIST, ENOENT } from '../include/linux/errno.js';
import { kmemleak_module_gone } from '../mm/kmemleak.js';
import { free_static } from '../mm/static_area.js';
import { pr_warn } from '../printk/printk.js';
import { call_module, type Context } from './call.js';
import { enter_gone, mark_tasks_in } from './gone_text.js';
import { set_license, taint_out_of_tree } from './license.js';
import { module, MODULE_STATE_COMING, MODULE_STATE_GOING, MODULE_STATE_LIVE, MODULE_STATE_UNFORMED, type ModuleFile } from './module.js';
import { Owners } from './owners.js';
import { param_set } from './param.js';

/** Parameters as insmod takes them: `{ howmany: 3 }`, values as text or as what they say. */
export type ModuleParams = Readonly<Record<string, string | number | boolean>>;

const runtime = { statement, within, increment, decrement, enter, leave, note_throw, note_catch, variables };

function variables(look: Look, unmap: Unmap): void {
  kernel.modules.add_file({ look, unmap });
}

function header(name: string): object | undefined {
  return headers[name];
}

function resolve_symbol(name: string): unknown {
  return kernel.modules.find_symbol(name)?.value;
}

export class Modules {
  private readonly list: module[] = [];
  /** The module whose top level runs now. */
  private forming: module | null = null;
  private readonly owners = new Owners();
  /** A module has been unloaded: somebody may still hold one of its functions. */
  some_gone = false;

  /** The module whose top level runs. Throws where none does: module_init() and its like belong there. */
  this_module(macro: string): module {
    if (this.forming === null) {
      throw new Error(`${macro}() belongs at the top level of a module's file; it was called from somewhere else`);
    }
    return this.forming;
  }

  /** Who owns the static data that DEFINE_SPINLOCK() and its like make now: a module, or the host's own code. */
  static_owner(): string {
    return this.forming === null ? '' : this.forming.name;
  }

  /** Of the module whose top level runs. */
  add_file(file: ModuleFile): void {
    const { forming } = this;
    if (forming !== null) forming.files = forming.files.length === 0 ? [file] : [...forming.files, file];
  }

  /** What a variable of a module holds, by its number; null where no module has it, or it has not been set up. */
  value_of(variable: number): { readonly value: unknown } | null {
    for (const { files } of this.list) {
      for (const { look } of files) {
        try {
          const value = look(variable);
          if (value !== variables) return { value };
        } catch (error) {
          // Its declaration has not been reached.
          if (!(error instanceof ReferenceError)) throw error;
          return null;
        }
      }
    }
    return null;
  }

  find_module(name: string): module | null {
    for (const mod of this.list) if (mod.name === name) return mod;
    return null;
  }

  all(): readonly module[] {
    return this.list.slice();
  }

  /** A symbol that a live module exports. */
  find_symbol(name: string): { readonly owner: module; readonly value: unknown } | null {
    for (const owner of this.list) {
      if (owner.state === MODULE_STATE_LIVE && owner.exports?.has(name) === true) return { owner, value: owner.exports.get(name) };
    }
    return null;
  }

  /** Remembers whose function it is; the running code hands it over, for reports. */
  set_owner(fn: object, owner: module): void {
    this.owners.set(fn, owner);
  }

  /** Who handed a function over first, of the module that it belongs to; null for one that nobody did. */
  handed_over(fn: object): Place | null {
    return this.owners.place(fn);
  }

  /** The module that a function belongs to, loaded still or gone; null for the kernel's own and the host's. */
  module_of(fn: object): module | null {
    return this.owners.get(fn);
  }

  /** The name of that module. */
  owner_of(fn: object): string | null {
    return this.owners.get(fn)?.name ?? null;
  }

  /** Follows load_module(). Returns 0 or a negative errno. Context: process, may sleep. */
  load_module(image: ModuleImage, params: ModuleParams): number {
    const mod = new module(image.name, image.path);
    if (this.find_module(mod.name) !== null) return -EEXIST;
    this.list.push(mod);
    if (image.intree !== true) taint_out_of_tree(mod);
    let err = this.simplify_symbols(mod, image);
    if (err === 0) {
      this.instantiate(mod, image);
      if (image.intree !== true) set_license(mod);
    }
    if (err === 0) err = this.parse_args(mod, params);
    if (err !== 0) {
      this.free_module(mod);
      return err;
    }
    return this.do_init_module(mod);
  }

  /** Every name that the module uses must be somebody's. */
  private simplify_symbols(mod: module, image: ModuleImage): number {
    if (image.unresolved.length === 0 && image.dependencies.length === 0) return 0;
    const unknown = image.unresolved.map(({ symbol }) => symbol);
    for (const { symbols } of image.dependencies) {
      for (const symbol of symbols) {
        const found = this.find_symbol(symbol);
        if (found === null) unknown.push(symbol);
        else if (!mod.uses.includes(found.owner)) {
          mod.uses.push(found.owner);
          found.owner.users.push(mod);
        }
      }
    }
    for (const symbol of unknown) pr_warn('%s: Unknown symbol %s (err %d)', mod.name, symbol, -ENOENT);
    return unknown.length === 0 ? 0 : -ENOENT;
  }

  private instantiate(mod: module, image: ModuleImage): void {
    const outer = this.forming;
    this.forming = mod;
    try {
      image.instantiate({ headers: header, resolveSymbol: resolve_symbol, thisModule: mod, runtime });
    } catch (error) {
      handle_exception(error);
    } finally {
      this.forming = outer;
    }
    if (mod.init !== null) this.set_owner(mod.init, mod);
    if (mod.exit !== null) this.set_owner(mod.exit, mod);
  }

  /** Follows kernel/params.c, parse_args(). */
  private parse_args(mod: module, params: ModuleParams): number {
    for (const name in params) {
      if (!Object.hasOwn(params, name)) continue;
      const value = params[name]!;
      const param = mod.param(name);
      if (param === null) {
        pr_warn("%s: unknown parameter '%s' ignored", mod.name, name);
        continue;
      }
      const text = typeof value === 'boolean' ? (value ? 'Y' : 'N') : typeof value === 'string' ? value : shown(value);
      const err = param_set(param, text);
      if (err === 0) continue;
      pr_warn("%s: `%s' invalid for parameter `%s'", mod.name, text, name);
      return err;
    }
    return 0;
  }

  private do_init_module(mod: module): number {
    mod.state = MODULE_STATE_COMING;
    // An init that is killed leaves its module loading for ever.
    mod.refs++;
    const ret = mod.init === null ? 0 : this.do_one_initcall(mod, mod.init);
    mod.refs--;
    if (ret < 0) {
      mod.state = MODULE_STATE_GOING;
      this.free_module(mod);
      return ret;
    }
    if (ret > 0) {
      report('warn', `do_init_module: '${mod.name}'->init suspiciously returned ${ret}, it should follow 0/-E convention\ndo_init_module: loading module anyway...`);
    }
    mod.state = MODULE_STATE_LIVE;
    return 0;
  }

  /** Follows init/main.c, do_one_initcall(). */
  private do_one_initcall(mod: module, init: () => number): number {
    const ret = call_module(init, NO_ARGUMENTS, initcall_imbalance);
    if (typeof ret !== 'number' || !Number.isInteger(ret)) {
      pr_warn("%s: init returned %s instead of 0 or a negative errno: taken for 0", mod.name, shown(ret));
      return 0;
    }
    return ret;
  }

  /** Follows delete_module(). Returns 0 or a negative errno. Context: process, may sleep. */
  delete_module(name: string): number {
    const mod = this.find_module(name);
    if (mod === null) return -ENOENT;
    if (mod.users.length > 0) return -EAGAIN;
    if (mod.state !== MODULE_STATE_LIVE) return -EBUSY;
    if (mod.init !== null && mod.exit === null) return -EBUSY;
    if (mod.refs > 0) return -EAGAIN;
    mod.state = MODULE_STATE_GOING;
    if (mod.exit !== null) {
      call_module(mod.exit, NO_ARGUMENTS, exit_imbalance);
    }
    this.free_module(mod);
    return 0;
  }

  private free_module(mod: module): void {
    for (const used of mod.uses) used.users.splice(used.users.indexOf(mod), 1);
    this.list.splice(this.list.indexOf(mod), 1);
    mod.gone = true;
    this.some_gone = true;
    for (const { unmap } of mod.files) unmap(enter_gone);
    mark_tasks_in(mod.name);
    free_static(mod.name);
    kmemleak_module_gone();
  }

  /** Follows try_module_get(). Context: any. */
  try_module_get(mod: module | null): boolean {
    if (mod === null) return true;
    if (mod.state !== MODULE_STATE_LIVE && mod.state !== MODULE_STATE_COMING && mod.state !== MODULE_STATE_UNFORMED) return false;
    mod.refs++;
    return true;
  }

  /** Follows __module_get(): the caller knows that the module is there, and holds a reference. Context: any. */
  __module_get(mod: module | null): void {
    if (mod !== null) mod.refs++;
  }

  module_put(mod: module | null): void {
    if (mod === null) return;
    if (mod.refs === 0) report('warn', `WARNING: module_put() of ${mod.name} without a reference`);
    else mod.refs--;
  }
}

const NO_ARGUMENTS: [] = [];

function initcall_imbalance(fn: string, now: Context, then: Context): void {
  let what = '';
  if (now.preempt_count !== then.preempt_count) what += 'preemption imbalance ';
  if (now.irqs_off !== then.irqs_off) what += 'disabled interrupts ';
  if (what !== '') report('context-imbalance', `initcall ${fn} returned with ${what.trimEnd()}`);
  else report_locks_at_exit();
}

function exit_imbalance(fn: string, now: Context, then: Context): void {
  report('context-imbalance', `WARNING: module exit ${fn} returned with preempt_count ${now.preempt_count.toString(16)}, entered with ${then.preempt_count.toString(16)}`, (print) => {
    debug_show_held_locks(print, this_cpu.current);
  });
}
