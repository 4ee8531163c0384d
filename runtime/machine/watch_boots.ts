/** Whoever wants to know of the machines that boot() makes: a test, which answers for what they report. */
import type { Machine } from './machine.js';

let listener: ((machine: Machine) => void) | null = null;

/** `onBoot` is told of each machine from now on, in place of whoever was told before. Explorations boot theirs without it. */
export function watchBoots(onBoot: (machine: Machine) => void): void {
  listener = onBoot;
}

export function tellOfBoot(machine: Machine): void {
  listener?.(machine);
}
