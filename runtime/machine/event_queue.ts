/**
 * What will happen and when: a binary heap ordered by time, then by order of arrival, so that two events of the
 * same nanosecond fire the way they were scheduled.
 */
import type { ClockEvent } from '../../kernel/arch/arch.js';

interface QueuedEvent extends ClockEvent {
  readonly order: number;
}

/** Stands in a place of the heap that no event has. */
const NOTHING: QueuedEvent = { time: Infinity, fire: () => undefined, order: 0, slot: -1 };

export class EventQueue {
  /** Its first `length` places are taken. It begins with room for the few events of most machines: growing takes long. */
  private readonly heap: QueuedEvent[] = [NOTHING, NOTHING, NOTHING, NOTHING];
  length = 0;
  private arrivals = 0;
  /** Time of the first event in ns, or Infinity. A field: a getter's number would be boxed at every interrupt. */
  next = Infinity;

  push(time: number, fire: () => void): ClockEvent {
    const event: QueuedEvent = { time, fire, order: this.arrivals++, slot: this.length++ };
    this.heap[event.slot] = event;
    this.rise(event);
    this.next = this.heap[0]!.time;
    return event;
  }

  /** The first event, or one that never comes. */
  get first(): ClockEvent {
    return this.length === 0 ? NOTHING : this.heap[0]!;
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
    const last = this.heap[--this.length]!;
    this.heap[this.length] = NOTHING;
    if (last !== event) {
      this.heap[slot] = last;
      last.slot = slot;
      this.rise(last);
      this.sink(last);
    }
    this.next = this.length === 0 ? Infinity : this.heap[0]!.time;
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
    const { heap, length } = this;
    let slot = event.slot;
    for (;;) {
      let down = 2 * slot + 1;
      if (down >= length) break;
      if (down + 1 < length && before(heap[down + 1]!, heap[down]!)) down++;
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
