/** A module as the loader hands it to the kernel: compiled, not yet part of any machine. */

/** The value of a variable of a file, by its number; where it is none of the file's, the function that the look was given to. */
export type Look = (variable: number) => unknown;

/** The file's code is no longer there: whoever enters one of its functions is handed to `enter` from now on. */
export type Unmap = (enter: ModuleRuntime['enter']) => void;

/** Functions of the machine's that are called without a `this`. */
export interface ModuleRuntime {
  readonly statement: (this: void, site: number) => void;
  /** A point within a statement; returns the value. */
  readonly within: (this: void, value?: unknown) => unknown;
  /** What `++` and `--` write of what they have read, with a point before they do. */
  readonly increment: (this: void, value: number) => number;
  readonly decrement: (this: void, value: number) => number;
  readonly enter: (this: void, site: number) => void;
  readonly leave: (this: void) => void;
  readonly note_throw: (this: void, error: unknown) => unknown;
  readonly note_catch: (this: void, error: unknown) => void;
  /** Takes what lets a report see the file's variables, and what the kernel calls when the module goes. */
  readonly variables: (this: void, look: Look, unmap: Unmap) => void;
}

/** What a module's code is given when it is instantiated. */
export interface ModuleEnv {
  /** The header `ringzero/linux/NAME`. */
  readonly headers: (this: void, name: string) => object | undefined;
  /** A symbol that another module exports; undefined where none does. */
  readonly resolveSymbol: (this: void, name: string) => unknown;
  readonly thisModule: unknown;
  readonly runtime: ModuleRuntime;
}

export interface ModuleImage {
  readonly name: string;
  readonly path: string;
  /** It is a part of the kernel's own tree: it taints nothing. */
  readonly intree?: boolean;
  /** Other modules whose symbols it uses. */
  readonly dependencies: readonly { readonly module: string; readonly symbols: readonly string[] }[];
  /** Names that it says to be declared somewhere else, and that are not. */
  readonly unresolved: readonly { readonly symbol: string; readonly line: number }[];
  /** Runs the top level of each file: every call makes fresh variables. */
  instantiate(env: ModuleEnv): void;
}
