/** What an object in brackets becomes: it is asked for once. Anything else is as good as its key. */
export function propertyKey(value: unknown): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? Reflect.ownKeys({ [value as unknown as string]: 0 })[0] : value;
}
