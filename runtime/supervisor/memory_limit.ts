/**
 * How much memory the process may take. V8 counts its own heap, not what a module has in ArrayBuffers and long texts: where
 * nobody else looks, the kernel of the host ends some process when there is none left, which need not be this one.
 */
import { totalmem } from 'node:os';

/** Of what the host, or its container, has. */
const SHARE = 0.75;

/** Bytes. */
export function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  return SHARE * (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem());
}
