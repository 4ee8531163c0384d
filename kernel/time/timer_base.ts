/**
 * The timers of one CPU: a binary heap in place of the wheel of kernel/time/timer.c. Timers that are due in the same
 * tick share a bucket of that wheel, and nobody is promised an order among them: here it is a choice, the usual one
 * being that in which they were armed.
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

  /** How many are due in the same tick as the first. */
  companions(): number {
    const { heap } = this;
    const due = heap[0]!.due;
    // Whoever shares the tick of the root lies under a child that does.
    if (heap[1]?.due !== due && heap[2]?.due !== due) return 1;
    return heap.reduce((n, timer) => (timer.due === due ? n + 1 : n), 0);
  }

  /** The one that was armed as the `way`th of those. */
  companion(way: number): TimerNode {
    const due = this.heap[0]!.due;
    return this.heap.filter((timer) => timer.due === due).sort((a, b) => a.order - b.order)[way]!;
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
