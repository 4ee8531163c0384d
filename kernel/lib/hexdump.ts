/**
 * Bytes as lines of hex and ASCII.
 *
 * Follows lib/hexdump.c of Linux 6.1, hex_dump_to_buffer().
 */

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** One group is one little-endian word, printed as its value: the machine's own byte order. */
function group_text(bytes: Uint8Array, at: number, groupsize: number): string {
  let text = '';
  for (let i = groupsize - 1; i >= 0; i--) text += hex(bytes[at + i]!);
  return text;
}

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

/**
 * One line of a dump, without its newline: at most `rowsize` of the bytes in hex, then their ASCII in a column that
 * is the same for a full line and a short one. Empty for no bytes.
 *
 * @param rowsize bytes a line: 16 or 32, and any other is taken as 16.
 * @param groupsize bytes printed as one word: 1, 2, 4 or 8. Any other, or one that does not divide the number of
 * bytes, is taken as 1.
 *
 * Context: any. Source: lib/hexdump.c.
 */
export function hex_dump_to_buffer(bytes: Uint8Array, rowsize: number, groupsize: number, ascii: boolean): string {
  const row_bytes = rowsize === 32 ? 32 : 16;
  const row = bytes.subarray(0, row_bytes);
  if (row.length === 0) return '';
  const group_bytes = [2, 4, 8].includes(groupsize) && row.length % groupsize === 0 ? groupsize : 1;

  const groups: string[] = [];
  for (let at = 0; at < row.length; at += group_bytes) groups.push(group_text(row, at, group_bytes));
  const text = groups.join(' ');
  if (!ascii) return text;
  const ascii_column = row_bytes * 2 + row_bytes / group_bytes + 1;
  return text.padEnd(ascii_column) + Array.from(row, printable).join('');
}
