/** What an object in brackets becomes: it is asked once, unless there is nothing to have the property. Anything else is as good as its key. */
export function propertyKey(value: unknown, object: unknown): unknown {
  if (object === null || object === undefined) return value;
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? Reflect.ownKeys({ [value as unknown as string]: 0 })[0] : value;
}
