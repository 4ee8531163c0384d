/** What RCU keeps for one kernel. Follows kernel/rcu/tree.h, struct rcu_state. */
import type { task_struct } from '../arch/task.js';

export interface RcuCallback {
  /** CPU that asked for it, and on which it runs. */
  readonly cpu: number;
  readonly invoke: () => void;
}

/** What call_rcu() was given, null for an object of kfree_rcu(), and the stack that called it, for unwind(). */
export interface RcuHead {
  readonly func: ((...args: never[]) => void) | null;
  readonly frame: number;
  readonly site: number;
}

export class RcuState {
  /** Wait for a grace period to begin. */
  waiting: RcuCallback[] = [];
  /** Wait for the grace period that runs to end; null when none runs. */
  running: RcuCallback[] | null = null;
  /** By CPU, those whose grace period is over. */
  readonly ready: RcuCallback[][] = [];
  /** Tasks that were inside rcu_read_lock() when the grace period began, and have not left since. */
  readers: task_struct[] = [];
  /** One bit a CPU whose code could not be preempted when the grace period began: it counts as a reader too. */
  cpus = 0;
  /** When the grace period began, in ns, and when it is told that it does not end. */
  began = 0;
  stall_at = 0;
  /** Its number, from 1. */
  gp_seq = 0;
  /** The softirq has its handler. */
  opened = false;
  /** Heads that were queued twice. */
  doublefrees = 0;
  /** By address, the heads between call_rcu() and their callback, and the objects that wait for kfree_rcu(). */
  readonly heads = new Map<number, RcuHead>();
}
