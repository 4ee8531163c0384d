/**
 * The timers of one CPU: a binary heap in place of the wheel of kernel/time/timer.c. Timers that are due in the same
 * tick run in the order in which they were armed.
 */

/** A timer of any kind: a timer_list of a module, or a sleep of the kernel's own. */
export class TimerNode {
  /** When it is to run, in ticks since boot. */
  due = 0;
  /** Number of its arming. */
  order = 0;
  /** Index in its base's heap, or -1 while it is not pending. */
  slot = -1;
  /** The CPU it was armed on last. */
  cpu = 0;
  /** Called when it is due. Context: softirq. */
  readonly expire: (timer: TimerNode) => void;

  constructor(expire: (timer: TimerNode) => void) {
    this.expire = expire;
  }
}

export class TimerBase {
  private readonly heap: TimerNode[] = [];
  /** The tick that is served next: a timer armed for the past runs then. */
  clk = 0;
  /** The timer whose function runs now. */
  running: TimerNode | null = null;

  first(): TimerNode | null {
    return this.heap[0] ?? null;
  }

  /** Pending timers, in no order. */
  pending(): readonly TimerNode[] {
    return this.heap;
  }

  enqueue(timer: TimerNode): void {
    timer.slot = this.heap.length;
    this.heap.push(timer);
    this.rise(timer);
  }

  detach(timer: TimerNode): void {
    const { slot } = timer;
    timer.slot = -1;
    const last = this.heap.pop()!;
    if (last === timer) return;
    this.heap[slot] = last;
    last.slot = slot;
    this.rise(last);
    this.sink(last);
  }

  private rise(timer: TimerNode): void {
    let { slot } = timer;
    while (slot > 0) {
      const parent = this.heap[(slot - 1) >> 1]!;
      if (!before(timer, parent)) break;
      this.heap[slot] = parent;
      const up = parent.slot;
      parent.slot = slot;
      slot = up;
    }
    this.heap[slot] = timer;
    timer.slot = slot;
  }

  private sink(timer: TimerNode): void {
    const { heap } = this;
    let { slot } = timer;
    for (let down = 2 * slot + 1; down < heap.length; down = 2 * slot + 1) {
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++;
      const child = heap[down]!;
      if (!before(child, timer)) break;
      heap[slot] = child;
      child.slot = slot;
      slot = down;
    }
    heap[slot] = timer;
    timer.slot = slot;
  }
}

function before(a: TimerNode, b: TimerNode): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
