export type Environment = Readonly<Record<string, string | undefined>>;

/** The command line's environment, read when it is asked for; nothing else in cli/ reads it. */
export function environment(): Environment {
  return process.env;
}

/** A flag overrides its variable, also for what this command starts. */
export function override(name: string, value: string): void {
  process.env[name] = value;
}
