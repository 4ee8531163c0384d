/** Calls of what a driver exports, with buffers that go in and come back. */
import { describe, expectTypeOf } from 'vitest';
import { boot, MachineError, type Machine } from 'ringzero';
import type { Ptr } from 'ringzero/linux/types';
import { expect, test } from 'ringzero/vitest';
import type { Given } from '../../runtime/machine/calls.js';
import type * as store from './fixtures/store.js';

const STORE = 'test/machine/fixtures/store.ts';

describe('call()', () => {
  test('a buffer goes in, and what the driver wrote into one comes back', ({ machine }) => {
    machine.insmod(STORE);
    expect(machine.call('store_write', Uint8Array.of(1, 2, 3), 3)).toBe(3);
    const read = Buffer.from('xxxxxxxx');
    expect(machine.call('store_read', read, 5)).toBe(5);
    expect([...read]).toEqual([1, 2, 3, 0, 0, 120, 120, 120]);
    machine.rmmod('store');
    expect(machine).toBeClean();
  });

  test('a part of a larger array is that part', ({ machine }) => {
    machine.insmod(STORE);
    const all = Uint8Array.of(9, 9, 9, 9);
    machine.call('store_write', Uint8Array.of(1, 2), 2);
    machine.call('store_read', all.subarray(1, 3), 2);
    expect([...all]).toEqual([9, 1, 2, 9]);
  });

  test('a byte behind the buffer is out of bounds', ({ machine }) => {
    machine.insmod(STORE);
    expect(() => machine.call('store_fill', new Uint8Array(4), 4)).toPanic('KASAN: slab-out-of-bounds in store_fill');
  });

  test('a driver that keeps the buffer uses it after it was freed', ({ machine }) => {
    machine.insmod(STORE);
    machine.call('store_keep', new Uint8Array(4));
    expect(() => machine.call('store_use')).toPanic('KASAN: use-after-free in store_use');
  });

  test('its type says what it takes and returns', ({ machine }) => {
    machine.insmod(STORE);
    const read = new Uint8Array(2);
    const n = machine.call<typeof store.store_read>('store_read', read, 2);
    expectTypeOf(n).toBeNumber();
    expectTypeOf<Given<Parameters<typeof store.store_read>>>().toEqualTypeOf<[buf: Ptr | Uint8Array, count: number]>();
    expect(n).toBe(2);
  });

  test('several at once have each a task of its own', ({ machine }) => {
    machine.insmod(STORE);
    const read = new Uint8Array(2);
    expect(machine.callTogether(['store_write', Uint8Array.of(7, 8), 2], ['store_read', read, 2])).toEqual([2, 2]);
    expect([[0, 0], [7, 8]]).toContainEqual([...read]);
  });
});

describe('what cannot be called says why', () => {
  const why = (machine: Machine, name: string | null): string => {
    try {
      machine.call(name!);
    } catch (error) {
      if (error instanceof MachineError) return error.message;
      throw error;
    }
    return 'it was called';
  };

  test.each([
    ['store_raed', "call(): no module that is loaded exports 'store_raed' (did you mean store_read?)"],
    ['nothing_like_it', "call(): no module that is loaded exports 'nothing_like_it'; they export store_write, store_read, store_fill, store_keep, store_use"],
    ['store_helper', "call(): 'store_helper' is exported to other files of the module, and not by the module: EXPORT_SYMBOL(store_helper)"],
    ['store_size', "call(): 'store_size' cannot be called: a module exports it, but it is no function, it is 8"],
    ['toString', "call(): no module that is loaded exports 'toString'; they export store_write, store_read, store_fill, store_keep, store_use"],
    [null, 'call(): wants the name of a function that a module exports, got null'],
  ])('%s', (name, message) => {
    const machine = boot();
    machine.insmod(STORE);
    expect(why(machine, name)).toBe(message);
    expect(() => machine.callTogether([name!])).toThrow(message.replace('call()', 'callTogether()'));
    machine.powerOff();
  });

  test('with no module there is nothing', () => {
    const machine = boot();
    expect(why(machine, 'store_read')).toBe("call(): no module that is loaded exports 'store_read'; they export no function: EXPORT_SYMBOL(fn) does");
    machine.insmod(STORE);
    machine.rmmod('store');
    expect(why(machine, 'store_helper')).toBe("call(): no module that is loaded exports 'store_helper'; they export no function: EXPORT_SYMBOL(fn) does");
    machine.powerOff();
    expect(why(machine, 'store_read')).toBe('call(): the machine is switched off');
  });
});
