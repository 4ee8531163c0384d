/** Static variables that have an address. In C every one has; here a module says which. */
import { kernel } from '../current.js';
import type { Type } from '../lib/struct.js';
import type { Ptr } from './pointer.js';
import { alloc_static } from './static_area.js';

/**
 * Storage for a static variable of a module, all zeros: `const b = DEFINE_STATIC(array(char, 60), 'b')` is
 * `static char b[60];`. It goes when the module goes. Context: a module's top level.
 */
export function DEFINE_STATIC<T>(type: Type<unknown, T>, name: string): Ptr<T> {
  return alloc_static(type.size, type.align, kernel.modules.static_owner(), name) as Ptr<T>;
}
