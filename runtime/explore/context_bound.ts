/**
 * Preemption bounding: what is counted is how often a CPU is interrupted in the middle of its code; which one goes on
 * where one has to stop costs nothing. Musuvathi and Qadeer: Iterative Context Bounding for Systematic Testing of
 * Multithreaded Programs (PLDI 2007).
 */
import type { Measure } from './bounds.js';

export const contextBound: Measure = {
  name: 'exhaustive',
  unit: 'preemption',
  reducible: true,
  cost: (cpus) => (cpus === 0 ? 0 : 1),
};
