/** The command line's environment; nothing else in cli/ reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const environment: Environment = process.env;

/** A flag overrides its variable, also for what this command starts. */
export function override(name: string, value: string): void {
  process.env[name] = value;
}
