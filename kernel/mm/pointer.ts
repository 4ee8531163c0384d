/** Pointer types: numbers that strict TypeScript tells apart by what they point to. */

declare const pointee: unique symbol;
declare const measured: unique symbol;

/** A kernel address of a T. `Ptr` alone is C's `void *`: any pointer fits where it is wanted. */
export type Ptr<T = unknown> = number & { readonly [pointee]: T };

/** C's `struct name`, as the target of a pointer: `Ptr<Struct<'dog'>>` is `struct dog *`. */
export interface Struct<Name extends string> {
  readonly struct: Name;
}

/** A size in bytes that remembers the type measured, so that `kmalloc(sizeof(dog), gfp)` is a `Ptr<Struct<'dog'>>`. */
export type Size<T> = number & { readonly [measured]: T };

/** `struct page *`. */
export type Page = Ptr<Struct<'page'>>;

export const NULL = null;
