/**
 * C's types over kernel memory: `struct` with the layout a 32-bit C compiler gives it, and views of it whose every
 * access is checked (mm/access.ts).
 *
 * `dog.at(p).weight` is meant to cost what the access costs: each layout gets a class of its own, written as source
 * text, so that the engine sees a constant offset, inlines the getter and never builds the view. The classes are
 * kept for the isolate: a module that is loaded again finds its own.
 */
import { kernel } from '../current.js';
import { instruction_fetch_fault } from '../debug/fault.js';
import { finite } from '../debug/finite.js';
import { load_s16, load_s32, load_s64, load_s8, load_u16, load_u32, load_u64, load_u8, store_u16, store_u32, store_u64, store_u8 } from '../mm/kasan/access.js';
import { shown } from './shown.js';
import type { AnyFunction } from '../mm/function_table.js';
import { mm } from '../mm/mm.js';
import type { Ptr, Size, Struct } from '../mm/pointer.js';
import { fetch_gone, is_gone } from '../module/gone_text.js';
import { note_callback } from '../module/owner.js';

declare const value_type: unique symbol;
declare const target_type: unique symbol;

/**
 * A C type. `Value` is what a field of it reads as; `Target` is what a pointer to it points to.
 */
export interface Type<Value = unknown, Target = unknown> {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly align: number;
  /** Names of the accessors in {@link ACCESS}; null for what is read as its address: structs and arrays. */
  readonly access: Access | null;
  readonly [value_type]?: Value;
  readonly [target_type]?: Target;
}

/** A type that a field holds: it can be assigned. */
export interface Scalar<Value, Target = unknown> extends Type<Value, Target> {
  readonly access: Access;
}

/** A struct or an array: a field of it reads as its address. */
export interface Aggregate<Target> extends Type<Ptr<Target>, Target> {
  readonly access: null;
}

interface Access {
  readonly load: keyof typeof ACCESS;
  readonly store: keyof typeof ACCESS;
}

export interface Fields {
  readonly [name: string]: Type;
}

export type ValueOf<T> = T extends Type<infer Value> ? Value : never;
export type TargetOf<T> = T extends Type<unknown, infer Target> ? Target : never;

type ScalarNames<F extends Fields> = { [K in keyof F]: F[K] extends { readonly access: null } ? never : K }[keyof F];

/** A struct in memory, field by field. */
export type View<F extends Fields> = { [K in ScalarNames<F>]: ValueOf<F[K]> } & {
  readonly [K in Exclude<keyof F, ScalarNames<F>>]: ValueOf<F[K]>;
};

/** A struct type; a pointer to one is a `Ptr<Struct<Name>>`. */
export interface StructType<Name extends string, F extends Fields> extends Aggregate<Struct<Name>> {
  readonly name: Name;
  readonly fields: F;
  /** Bytes from the struct's start to a field. */
  readonly offsets: { readonly [K in keyof F]: number };
  /** The struct at an address. Each access of a field is checked, and is a preemption point. */
  readonly at: (p: Ptr<Struct<Name>>) => View<F>;
}

/** What a pointer to values of this struct type is: `PtrTo<typeof dog>`. */
export type PtrTo<T extends Type> = Ptr<TargetOf<T>>;

function load_bool(addr: number): boolean {
  return load_u8(addr) !== 0;
}

function store_bool(addr: number, value: boolean): void {
  store_u8(addr, value ? 1 : 0);
}

function load_ptr(addr: number): Ptr | null {
  const value = load_u32(addr);
  return value === 0 ? null : (value as Ptr);
}

function store_ptr(addr: number, value: Ptr | null): void {
  store_u32(addr, value ?? 0);
}

/** The address of a function, for a word of kernel memory to hold; 0 for null. Context: any. */
export function fn_to_addr(fn: AnyFunction | null): number {
  if (fn === null) return 0;
  note_callback(fn);
  return mm.functions.address_of(fn);
}

/** The function at an address; null for 0. Where there is none, a function whose call is an oops. Context: any. */
export function addr_to_fn(addr: number): AnyFunction | null {
  if (addr === 0) return null;
  const fn = mm.functions.at(addr);
  if (fn !== null && kernel.modules.some_gone && is_gone(fn)) return () => fetch_gone(fn);
  return fn ?? (() => instruction_fetch_fault(addr, 'a call through a pointer that does not point to a function'));
}

function load_fn(addr: number): AnyFunction | null {
  return addr_to_fn(load_u32(addr));
}

function store_fn(addr: number, fn: AnyFunction | null): void {
  store_u32(addr, fn_to_addr(fn));
}

const ACCESS = {
  load_u8,
  load_s8,
  load_u16,
  load_s16,
  load_u32,
  load_s32,
  load_u64,
  load_s64,
  load_bool,
  load_ptr,
  load_fn,
  store_u8,
  store_u16,
  store_u32,
  store_u64,
  store_bool,
  store_ptr,
  store_fn,
};

function scalar<Value, Target>(name: string, size: number, load: Access['load'], store: Access['store']): Scalar<Value, Target> {
  // On 32-bit x86 a 64-bit field of a struct is aligned to 4; as most machines do, 8 here.
  return { name, size, align: size, access: { load, store } };
}

export const u8 = scalar<number, Struct<'u8'>>('u8', 1, 'load_u8', 'store_u8');
export const u16 = scalar<number, Struct<'u16'>>('u16', 2, 'load_u16', 'store_u16');
export const u32 = scalar<number, Struct<'u32'>>('u32', 4, 'load_u32', 'store_u32');
export const u64 = scalar<bigint, Struct<'u64'>>('u64', 8, 'load_u64', 'store_u64');
export const s8 = scalar<number, Struct<'s8'>>('s8', 1, 'load_s8', 'store_u8');
export const s16 = scalar<number, Struct<'s16'>>('s16', 2, 'load_s16', 'store_u16');
export const s32 = scalar<number, Struct<'s32'>>('s32', 4, 'load_s32', 'store_u32');
export const s64 = scalar<bigint, Struct<'s64'>>('s64', 8, 'load_s64', 'store_u64');
/** A byte, signed as on x86. */
export const char = scalar<number, Struct<'char'>>('char', 1, 'load_s8', 'store_u8');
export const bool = scalar<boolean, Struct<'bool'>>('bool', 1, 'load_bool', 'store_bool');
/** `void *`. */
export const ptr = scalar<Ptr | null, Struct<'ptr'>>('ptr', 4, 'load_ptr', 'store_ptr');

/** `T *`: `ptr_to(dog)`, or `ptr_to<Struct<'dog'>>()` inside of struct dog itself. */
export function ptr_to<T>(_target?: Type<unknown, T>): Scalar<Ptr<T> | null, Struct<'ptr'>> {
  return ptr as Scalar<Ptr<T> | null, Struct<'ptr'>>;
}

/** A function pointer: reads as the JavaScript function that was stored, or null. */
export function fnptr<F extends AnyFunction>(): Scalar<F | null, Struct<'fnptr'>> {
  return scalar<F | null, Struct<'fnptr'>>('fnptr', 4, 'load_fn', 'store_fn');
}

/** `of name[n]`: a field of it reads as the address of its first element. */
export function array<Target>(of: Type<unknown, Target>, n: number): Aggregate<Target> & { readonly length: number; readonly of: Type<unknown, Target> } {
  if (!Number.isInteger(n) || n < 0) throw new TypeError(`array: length must be an integer that is not negative, got ${n}`);
  return { name: `${of.name}[${n}]`, size: of.size * n, align: of.align, access: null, length: n, of };
}

interface Layout {
  readonly offsets: Record<string, number>;
  readonly size: number;
  readonly align: number;
}

/** C's rules: each field at the next multiple of its alignment, the whole a multiple of the largest. */
function lay_out(fields: Fields): Layout {
  // No field of it but the struct's own, whatever they are called.
  const offsets = Object.create(null) as Record<string, number>;
  let end = 0;
  let align = 1;
  for (const [name, type] of Object.entries(fields)) {
    end = (end + type.align - 1) & -type.align;
    offsets[name] = end;
    end += type.size;
    align = Math.max(align, type.align);
  }
  return { offsets, size: (end + align - 1) & -align, align };
}

/** Types whose values are plain numbers. */
const NUMBERS: ReadonlySet<string> = new Set(['u8', 'u16', 'u32', 's8', 's16', 's32', 'char']);

type At = (p: number) => object;
const classes = new Map<string, At>();

/** The class of a layout, as source text: one getter and one setter a field, at a constant offset. */
function view_source(name: string, fields: Fields, offsets: Record<string, number>): string {
  const members = Object.entries(fields).map(([field, { access, name: type }]) => {
    const key = JSON.stringify(field);
    const addr = `this.__addr + ${offsets[field]!}`;
    if (access === null) return `get [${key}]() { return ${addr}; }`;
    return `get [${key}]() { return ${access.load}(${addr}); }\nset [${key}](value) { ${access.store}(${addr}, ${NUMBERS.has(type) ? `(value | 0) === value ? value : finite(${JSON.stringify(`${name}.${field}`)}, value)` : 'value'}); }`;
  });
  return `"use strict";
const { ${Object.keys(ACCESS).join(', ')}, finite } = access;
class View {
constructor(addr) { this.__addr = addr; }
${members.join('\n')}
}
Object.defineProperty(View, 'name', { value: ${JSON.stringify(name)} });
return (p) => new View(typeof p === 'number' ? p : pointer(${JSON.stringify(name)}, p));`;
}

/** null is address 0, whose access is reported; anything else is no pointer at all. */
function pointer(name: string, p: unknown): number {
  if (p === null) return 0;
  throw new TypeError(`${name}.at: expected a pointer to struct ${name}, got ${shown(p)}`);
}

function view_class(name: string, fields: Fields, offsets: Record<string, number>): At {
  const source = view_source(name, fields, offsets);
  let at = classes.get(source);
  if (at === undefined) {
    // Source text, not closures: closures of one function share their type feedback, and so would all structs.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    const build = new Function('access', 'pointer', source) as (access: typeof ACCESS & { finite: typeof finite }, bad: typeof pointer) => At;
    at = build({ ...ACCESS, finite }, pointer);
    classes.set(source, at);
  }
  return at;
}

/** Declares a struct, with C's layout. Field types are the ones of this file, other structs, and arrays. */
export function struct<const Name extends string, F extends Fields>(name: Name, fields: F): StructType<Name, F> {
  const { offsets, size, align } = lay_out(fields);
  return {
    name,
    fields,
    offsets: offsets as { [K in keyof F]: number },
    size,
    align,
    access: null,
    at: view_class(name, fields, offsets) as (p: Ptr<Struct<Name>>) => View<F>,
  };
}

/** Size of a type in bytes; it remembers the type, so that kmalloc(sizeof(dog), gfp) is a pointer to a dog. */
export function sizeof<T extends Type>(type: T): Size<TargetOf<T>> {
  return type.size as Size<TargetOf<T>>;
}

/** Bytes from the start of a struct to a field. */
export function offsetof<Name extends string, F extends Fields>(type: StructType<Name, F>, field: keyof F & string): number {
  const offset = type.offsets[field];
  if (offset === undefined) throw new TypeError(`offsetof: struct ${type.name} has no field ${field}`);
  return offset;
}

/** The struct whose field lies at `p`. Linux: include/linux/container_of.h. */
export function container_of<Name extends string, F extends Fields, K extends keyof F & string>(
  p: Ptr<TargetOf<F[K]>>,
  type: StructType<Name, F>,
  field: K,
): Ptr<Struct<Name>> {
  return (p - offsetof(type, field)) as Ptr<Struct<Name>>;
}

/** The address of a field: `&p->field`. */
export function field_ptr<Name extends string, F extends Fields, K extends keyof F & string>(
  type: StructType<Name, F>,
  p: Ptr<Struct<Name>>,
  field: K,
): Ptr<TargetOf<F[K]>> {
  return (p + offsetof(type, field)) as Ptr<TargetOf<F[K]>>;
}
