import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex_dump_to_buffer } from '../../kernel/lib/hexdump.js';

const letters = Uint8Array.from({ length: 32 }, (_, i) => 0x40 + i);

describe('hex_dump_to_buffer', () => {
  test.each([
    ['40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO', 16, 16, 1],
    ['4140 4342 4544 4746 4948 4b4a 4d4c 4f4e  @ABCDEFGHIJKLMNO', 16, 16, 2],
    ['43424140 47464544 4b4a4948 4f4e4d4c  @ABCDEFGHIJKLMNO', 16, 16, 4],
    ['4746454443424140 4f4e4d4c4b4a4948  @ABCDEFGHIJKLMNO', 16, 16, 8],
    ['40 41 42                                         @AB', 3, 16, 1],
    ['43424140                             @ABC', 4, 16, 4],
    ['40 41 42 43 44                                   @ABCD', 5, 16, 4],
    ['40 41 42                                         @AB', 3, 16, 3],
    ['40                                               @', 1, 7, 0],
  ])('%j', (want, length, rowsize, groupsize) => {
    expect(hex_dump_to_buffer(letters.subarray(0, length), rowsize, groupsize, true)).toBe(want);
  });

  test('one line holds one row', () => {
    expect(hex_dump_to_buffer(letters, 16, 1, false)).toBe('40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f');
    expect(hex_dump_to_buffer(letters, 32, 4, false).split(' ')).toHaveLength(8);
  });

  test('no bytes, no line', () => {
    expect(hex_dump_to_buffer(new Uint8Array(0), 16, 1, true)).toBe('');
  });

  test('what is not printable ASCII shows as a dot', () => {
    expect(hex_dump_to_buffer(Uint8Array.of(0x00, 0x1f, 0x20, 0x7e, 0x7f, 0xe9), 16, 1, true).slice(49)).toBe('.. ~..');
  });

  test('the bytes can be read back, and the ASCII column stands still', () => {
    const row = fc.uint8Array({ minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(row, (bytes) => {
        const line = hex_dump_to_buffer(bytes, 16, 1, true);
        expect(line.slice(0, 49).trimEnd().split(' ').map((digits) => parseInt(digits, 16))).toEqual([...bytes]);
        expect(line).toHaveLength(49 + bytes.length);
      }),
    );
  });
});
