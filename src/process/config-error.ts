/** A value that cannot be used; the message is one sentence that says what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** What another room says of a value becomes a `ConfigError`, behind the name of the flag or variable. */
export function orConfigError<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new ConfigError(`${prefix}${(error as Error).message}`);
  }
}
