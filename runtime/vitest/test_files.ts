/** What vitest takes for tests by itself. */
export const TEST_FILES = /\.(?:test|spec)\.[cm]?[jt]sx?$/;
