import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from '../../runtime/machine/event_queue.js';

test('events come in order of time, then of arrival, whatever is cancelled', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ time: fc.nat(20), cancel: fc.boolean() }), { maxLength: 200 }), (wanted) => {
      const queue = new EventQueue();
      const fired: number[] = [];
      const events = wanted.map(({ time }, i) => queue.push(time, () => fired.push(i)));
      wanted.forEach(({ cancel }, i) => {
        if (cancel) queue.remove(events[i]!);
      });
      // A second cancel of the same event changes nothing.
      wanted.forEach(({ cancel }, i) => {
        if (cancel) queue.remove(events[i]!);
      });
      while (queue.length > 0) queue.pop().fire();
      const expected = wanted
        .map(({ time, cancel }, i) => ({ time, cancel, i }))
        .filter(({ cancel }) => !cancel)
        .sort((a, b) => a.time - b.time || a.i - b.i)
        .map(({ i }) => i);
      expect(fired).toEqual(expected);
      expect(queue.next).toBe(Infinity);
    }),
  );
});
