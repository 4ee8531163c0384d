/** A module as the loader hands it to the kernel: compiled, not yet part of any machine. */

export interface ModuleRuntime {
  statement(site: number): void;
  enter(site: number): void;
  leave(): void;
  note_throw(error: unknown): unknown;
}

/** What a module's code is given when it is instantiated. */
export interface ModuleEnv {
  /** The header `ringzero/linux/NAME`. */
  readonly headers: (name: string) => object | undefined;
  /** A symbol that another module exports; undefined where none does. */
  readonly resolveSymbol: (name: string) => unknown;
  readonly thisModule: unknown;
  readonly runtime: ModuleRuntime;
}

export interface ModuleImage {
  readonly name: string;
  readonly path: string;
  /** What it uses of the headers. */
  readonly includes: readonly { readonly header: string; readonly symbols: readonly string[] }[];
  /** Other modules whose symbols it uses. */
  readonly dependencies: readonly { readonly module: string; readonly symbols: readonly string[] }[];
  /** Names that nothing declares. */
  readonly unresolved: readonly { readonly symbol: string; readonly line: number }[];
  /** Runs the top level of each file: every call makes fresh variables. */
  instantiate(env: ModuleEnv): void;
}
