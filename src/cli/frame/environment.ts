/** The command line's environment; nothing else in cli/ reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const environment: Environment = process.env;
