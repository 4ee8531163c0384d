/** What the locks of one kernel keep beside the words in its memory: who waits, in which order. */
import { kernel } from '../current.js';
import { AddressMap } from '../lib/address_map.js';
import { RcuState } from '../rcu/rcu_state.js';
import type { WaitQueue } from '../sched/wait.js';
import type { SpinWait } from './spin_wait.js';
import type { WaitList } from './wait_list.js';

/** A CPU in the queue of a spinning lock. */
export interface Spinner {
  readonly cpu: number;
  /** Of a rwlock: it wants to write. */
  readonly write: boolean;
}

export class LockState {
  /** Linux's debug_locks: the first report about a lock ends the checks, for what follows may follow from it. */
  debug_locks = true;
  /** By CPU, the innermost busy wait. */
  readonly spinning: (SpinWait | null)[] = [];
  /** Wait queues on which somebody waits or has waited, by their address. */
  readonly wait_queues = new AddressMap<WaitQueue>();
  private built_spinners: Map<number, Spinner[]> | null = null;
  private built_sleepers: Map<number, WaitList> | null = null;
  private built_rcu: RcuState | null = null;
  private last_generation = 0;

  /** By the lock's address, in order of arrival. */
  get spinners(): Map<number, Spinner[]> {
    return (this.built_spinners ??= new Map());
  }

  /** Tasks that sleep, by the address of what they sleep for. */
  get sleepers(): Map<number, WaitList> {
    return (this.built_sleepers ??= new Map());
  }

  get rcu(): RcuState {
    return (this.built_rcu ??= new RcuState());
  }

  /** A number that no initialisation had before: an object that is initialised again has no part in its former life. */
  generation(): number {
    return ++this.last_generation;
  }
}

/** The current kernel's. */
export function lock_state(): LockState {
  return kernel.locks;
}
