/**
 * Error pointers: a function that returns a pointer returns its error in the same word.
 *
 * The last page of the address space is never mapped, so the top 4095 addresses are free to mean "no pointer, but
 * this error". The word is the unsigned one that the machine's register would hold: ERR_PTR(-ENOMEM) is 0xfffffff4.
 *
 * Follows include/linux/err.h.
 */

/** The largest error number that an error pointer can hold. */
export const MAX_ERRNO = 4095;

const ERR_PTR_MIN = -MAX_ERRNO >>> 0;

declare const errptr: unique symbol;

/** A pointer-sized word that holds a negative error number. A function says `Ptr<dog> | ErrPtr` for its result. */
export type ErrPtr = number & { readonly [errptr]: true };

/**
 * Wraps a negative error number in a pointer. As in C, ERR_PTR(0) is NULL and no error.
 *
 * Context: any. Source: include/linux/err.h.
 */
export function ERR_PTR(error: number): ErrPtr {
  return (error >>> 0) as ErrPtr;
}

/**
 * The negative error number that an error pointer holds; 0 for NULL. Ask {@link IS_ERR} first: of a good pointer
 * this makes nonsense.
 *
 * Context: any. Source: include/linux/err.h.
 */
export function PTR_ERR(ptr: number | null | undefined): number {
  return ptr === null || ptr === undefined ? 0 : ptr | 0;
}

/**
 * Is the pointer an error? False for NULL: an allocator that returns NULL is not asked with IS_ERR. False also for
 * a kernel object that is a JavaScript object here, as task_struct is.
 *
 * Context: any. Source: include/linux/err.h.
 */
export function IS_ERR(ptr: unknown): ptr is ErrPtr {
  return typeof ptr === 'number' && ptr >>> 0 >= ERR_PTR_MIN;
}

/**
 * Is the pointer an error or NULL?
 *
 * Context: any. Source: include/linux/err.h.
 */
export function IS_ERR_OR_NULL(ptr: unknown): ptr is ErrPtr | null | undefined {
  return ptr === null || ptr === undefined || ptr === 0 || IS_ERR(ptr);
}

/**
 * 0 for a good pointer, the negative error number for an error pointer.
 *
 * Context: any. Source: include/linux/err.h.
 */
export function PTR_ERR_OR_ZERO(ptr: unknown): number {
  return IS_ERR(ptr) ? PTR_ERR(ptr) : 0;
}
