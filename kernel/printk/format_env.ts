/** What the formatter asks of the kernel: memory behind %s and %ph, names behind %pS, and hashed addresses for %p. */
import { kernel } from '../current.js';
import type { FormatEnv } from '../lib/vsprintf.js';
import { load_u8, load_u32 } from '../mm/kasan/access.js';
import { PAGE_OFFSET } from '../mm/layout.js';
import { u8 } from '../mm/ram.js';
import { decode, strlen_at } from '../mm/text.js';

export const format_env: FormatEnv = {
  read_string(addr, limit = Infinity) {
    const start = addr - PAGE_OFFSET;
    return decode(u8.subarray(start, start + strlen_at(addr, limit)));
  },
  read_byte: (addr) => load_u8(addr),
  read_u32: (addr) => load_u32(addr),
  symbol(value) {
    if (typeof value !== 'function') return null;
    return kernel.symbol_of(value);
  },
  hash_pointer(addr) {
    // Addresses are the same in every run of the same seed; hashing them hides nothing, it keeps Linux's look.
    let h = Math.imul(addr ^ kernel.pointer_key, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    return (h ^ (h >>> 13)) >>> 0;
  },
};
