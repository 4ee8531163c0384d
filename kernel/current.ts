/** The kernel of the current machine: the one global there is. */
import type { Kernel } from './kernel.js';

export let kernel: Kernel;

export function set_kernel(next: Kernel): void {
  kernel = next;
}
