/**
 * Types and pointers. Linux: include/linux/types.h, include/linux/stddef.h. Byte accessors stand in for
 * dereferences that have no struct: `*(u32 *)p` is `load_u32(p)`.
 */
export { NULL } from '../../mm/pointer.js';
export type { Page, Ptr, Size, Struct } from '../../mm/pointer.js';
export {
  addr_to_fn,
  array,
  bool,
  char,
  field_ptr,
  fn_to_addr,
  fnptr,
  offsetof,
  ptr,
  ptr_to,
  s16,
  s32,
  s64,
  s8,
  sizeof,
  struct,
  u16,
  u32,
  u64,
  u8,
} from '../../lib/struct.js';
export type { Aggregate, Fields, PtrTo, Scalar, StructType, TargetOf, Type, ValueOf, View } from '../../lib/struct.js';
export {
  load_s16,
  load_s32,
  load_s64,
  load_s8,
  load_u16,
  load_u32,
  load_u64,
  load_u8,
  store_u16,
  store_u32,
  store_u64,
  store_u8,
} from '../../mm/kasan/access.js';
export { DEFINE_STATIC } from '../../mm/static_variable.js';
