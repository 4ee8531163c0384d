/** A loaded module. Follows include/linux/module.h, struct module. */
import type { Look, Unmap } from '../arch/module_image.js';
import { allocation_mark } from '../mm/slab/object.js';
import type { kernel_param } from './param.js';

/** The module is alive. */
export const MODULE_STATE_LIVE = 0;
/** Its init function runs. */
export const MODULE_STATE_COMING = 1;
/** Its exit function runs, or its init function failed. */
export const MODULE_STATE_GOING = 2;
/** Its top level runs. */
export const MODULE_STATE_UNFORMED = 3;

/** What the kernel holds of one of a module's files. */
export interface ModuleFile {
  /** Into its variables. */
  readonly look: Look;
  readonly unmap: Unmap;
}

const NO_FILES: readonly ModuleFile[] = [];

export class module {
  readonly name: string;
  readonly path: string;
  state = MODULE_STATE_UNFORMED;
  init: (() => number) | null = null;
  exit: (() => void) | null = null;
  readonly params: kernel_param[] = [];
  /** MODULE_LICENSE, MODULE_AUTHOR and so on, in the order in which they came. */
  info: readonly { readonly tag: string; readonly text: string }[] = [];
  /** Its symbols by name; null until it exports one. */
  exports: Map<string, unknown> | null = null;
  files: readonly ModuleFile[] = NO_FILES;
  /** Modules whose symbols it uses, each once. */
  readonly uses: module[] = [];
  /** Modules that use its symbols, each once. */
  readonly users: module[] = [];
  /** What this loading of it allocates has numbers not below. */
  readonly first_seq = allocation_mark();
  /** It has been unloaded, or was never loaded for good: its code is no longer there. */
  gone = false;
  /** References taken by try_module_get(), and one while a killed init holds the module for ever. */
  refs = 0;

  constructor(name: string, path: string) {
    this.name = name;
    this.path = path;
  }

  /** The use count, as lsmod shows it. */
  refcount(): number {
    return this.refs + this.users.length;
  }

  param(name: string): kernel_param | null {
    for (const param of this.params) if (param.name === name) return param;
    return null;
  }
}
