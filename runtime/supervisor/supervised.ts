/** What a machine in a supervised thread is booted with: its supervisor has the clock. */
export const SUPERVISED = { limit_s: Infinity } as const;
