/**
 * Delay bounding: a deterministic scheduler goes round the CPUs, and what is counted is how often it passes one over,
 * wherever that is. Fewer schedules than with preemption bounding, since no choice is free. Emmi, Qadeer, Rakamarić:
 * Delay-Bounded Scheduling (POPL 2011).
 */
import type { Measure } from './bounds.js';

export const delayBound: Measure = {
  name: 'delay',
  unit: 'delay',
  // Whose turn it is where a CPU gives up is a matter of their clocks: one step more or less may make it another's.
  reducible: false,
  cost: (_cpus, way) => way,
};
