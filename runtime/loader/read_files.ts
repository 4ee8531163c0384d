/** The files that loaders of this isolate have read or looked for: a test that loads them depends on them. */

const files = new Set<string>();
let tell: (path: string) => void = () => undefined;

/** `path`: absolute. */
export function noteFile(path: string): void {
  if (files.has(path)) return;
  files.add(path);
  tell(path);
}

/** `told` hears of each file from now on. */
export function onFile(told: (path: string) => void): void {
  tell = told;
}

export function readFiles(): string[] {
  return [...files];
}
