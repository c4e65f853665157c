/** An error of the operating system or of Node: it has a code, and the path that it is about where that is a file. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

/** Its code, as `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return isSystemError(error) ? error.code : undefined;
}
