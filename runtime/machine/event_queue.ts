/**
 * What will happen and when: a binary heap ordered by time, then by order of arrival, so that two events of the
 * same nanosecond fire the way they were scheduled.
 */
import type { ClockEvent } from '../../kernel/arch/arch.js';

interface QueuedEvent extends ClockEvent {
  readonly order: number;
}

export class EventQueue {
  private readonly heap: QueuedEvent[] = [];
  private arrivals = 0;
  /** Time of the first event in ns, or Infinity. A field: a getter's number would be boxed at every interrupt. */
  next = Infinity;

  get length(): number {
    return this.heap.length;
  }

  push(time: number, fire: () => void): ClockEvent {
    const event: QueuedEvent = { time, fire, order: this.arrivals++, slot: this.heap.length };
    this.heap.push(event);
    this.rise(event);
    this.next = this.heap[0]!.time;
    return event;
  }

  pop(): ClockEvent {
    const first = this.heap[0]!;
    this.remove(first);
    return first;
  }

  /** Takes an event out; one that has fired or was removed already is left alone. */
  remove(event: ClockEvent): void {
    const slot = event.slot;
    if (slot < 0) return;
    event.slot = -1;
    const last = this.heap.pop()!;
    if (last !== event) {
      this.heap[slot] = last;
      last.slot = slot;
      this.rise(last);
      this.sink(last);
    }
    this.next = this.heap.length === 0 ? Infinity : this.heap[0]!.time;
  }

  private rise(event: QueuedEvent): void {
    let slot = event.slot;
    while (slot > 0) {
      const up = (slot - 1) >> 1;
      const parent = this.heap[up]!;
      if (!before(event, parent)) break;
      this.heap[slot] = parent;
      parent.slot = slot;
      slot = up;
    }
    this.heap[slot] = event;
    event.slot = slot;
  }

  private sink(event: QueuedEvent): void {
    const { heap } = this;
    let slot = event.slot;
    for (;;) {
      let down = 2 * slot + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++;
      const child = heap[down]!;
      if (!before(child, event)) break;
      heap[slot] = child;
      child.slot = slot;
      slot = down;
    }
    heap[slot] = event;
    event.slot = slot;
  }
}

function before(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
