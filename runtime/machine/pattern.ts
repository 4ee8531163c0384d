/** What is looked for in what the kernel printed: a text that occurs, or an expression that matches. */
export type Pattern = string | RegExp;

export function matches(text: string, pattern: Pattern): boolean {
  if (typeof pattern === 'string') return text.includes(pattern);
  // A sticky or global expression remembers where it was.
  pattern.lastIndex = 0;
  return pattern.test(text);
}

export function describePattern(pattern: Pattern): string {
  return typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
}
