/** The word by which a shell asks for names (complete.ts). */
export const ASK = "__complete";

/** What stands for a name that only this machine or its broker knows. */
export type Names =
  /** Logins on this machine. */
  | "logins"
  /** Those, and credentials by their paths. */
  | "logins or credentials"
  | "servers"
  /** Names below creds/. */
  | "credentials"
  /** Paths of the broker's API. */
  | "paths";

/** Command → what its arguments name. */
const OF_COMMANDS: Readonly<Record<string, Names>> = {
  login: "servers",
  status: "logins or credentials",
  token: "logins",
  header: "logins",
  curl: "logins",
  exec: "logins",
  logout: "logins",
  why: "logins or credentials",
  setup: "logins",
  list: "paths",
  creds: "credentials",
  read: "paths",
  write: "paths",
  delete: "paths",
  "server show": "servers",
  "server rm": "servers",
};

/** Option → what its value names. */
const OF_OPTIONS: Readonly<Record<string, Names>> = { "--server": "servers", "--resume": "logins" };

/** Paths of commands, and options, for which a shell asks. */
export const NAMING_COMMANDS = Object.keys(OF_COMMANDS);
export const NAMING_OPTIONS = Object.keys(OF_OPTIONS);

/** What may follow a command's path, or the word before. */
export function namesAt(path: string, previous: string): Names | undefined {
  return OF_OPTIONS[previous] ?? OF_COMMANDS[path];
}
