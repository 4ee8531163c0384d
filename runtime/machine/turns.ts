/**
 * In which order CPUs are offered to who chooses among them. Each order is made once: at every preemption point of an
 * explored machine somebody chooses, and an array that is filled anew takes longer than all the rest of a point.
 */
import { NR_CPUS } from '../../kernel/arch/cpu.js';

/** By the first CPU and the mask. */
const made: (readonly number[] | undefined)[] = [];

/** Numbers of the CPUs in the mask, from `first` on, round. */
export function turns(first: number, mask: number): readonly number[] {
  return made[(first << NR_CPUS) | mask] ?? make(first, mask);
}

/** The same in ascending order. The mask is not empty. */
export function ascending(mask: number): readonly number[] {
  return turns(31 - Math.clz32(mask & -mask), mask);
}

function make(first: number, mask: number): readonly number[] {
  const order: number[] = [];
  for (let i = 0; i < NR_CPUS; i++) {
    const id = (first + i) % NR_CPUS;
    if ((mask & (1 << id)) !== 0) order.push(id);
  }
  made[(first << NR_CPUS) | mask] = order;
  return order;
}
