import { CoatcheckError } from "../../client/errors.ts";
import { isSystemError } from "../../error-code.ts";

/** Exit codes (docs/cli.md). */
export const EXIT = {
  failure: 1,
  usage: 2,
  login: 4,
  refused: 5,
  timeout: 6,
  broker: 7,
  pending: 8,
  interrupted: 130,
} as const;

interface CliErrorDetail {
  /** The command to run, word by word. */
  readonly next?: readonly string[];
  readonly exit?: number;
}

/** Ends a command: one sentence, a stable code, and where there is one the command to run. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: string;
  readonly exit: number;
  readonly next: readonly string[] | undefined;

  constructor(code: string, message: string, { next, exit = EXIT.failure }: CliErrorDetail = {}) {
    super(message);
    this.code = code;
    this.exit = exit;
    this.next = next;
  }
}

export function usage(message: string, next?: readonly string[]): CliError {
  return new CliError("usage", message, { exit: EXIT.usage, ...(next && { next }) });
}

const BY_CODE: Readonly<Record<string, number>> = {
  access_denied: EXIT.refused,
  permission_denied: EXIT.refused,
  expired_token: EXIT.timeout,
  authorization_pending: EXIT.pending,
};

function exitOf({ code, fixedBy }: CoatcheckError): number {
  const own = BY_CODE[code];
  if (own !== undefined) return own;
  if (fixedBy === "person") return EXIT.login;
  return fixedBy === "caller" ? EXIT.failure : EXIT.broker;
}

/** What the system says of a file, by its code → why, and the way out. */
const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free some space, and run the command again",
  EDQUOT: "your disk quota is used up: free some space, and run the command again",
  EROFS:
    "the file system is read-only: set HOME, or XDG_STATE_HOME, XDG_CONFIG_HOME and XDG_RUNTIME_DIR, to folders that can be written",
  EACCES: "you may not use it: check its owner and mode, and those of its folder",
  EPERM: "the system does not allow it: check its owner and flags, and those of its folder",
  ENOTDIR: "a part of this path is a file: move it away",
  EISDIR: "it is a folder: move it away",
  EIO: "the disk does not work: check it, then run the command again",
};

/** What the system refuses at a file. */
export interface FileTrouble {
  /** The file; where the system names none, its own words. */
  readonly what: string;
  /** Why, and the way out. */
  readonly cure: string;
}

/** Undefined for anything else that can go wrong. */
export function fileTrouble(error: unknown): FileTrouble | undefined {
  if (!isSystemError(error)) return undefined;
  const { code = "", path, message } = error;
  const cure = FILE_TROUBLE[code];
  // Only what is written by a descriptor has no path.
  return cure === undefined ? undefined : { what: path ?? message, cure };
}

export function fileUnusable({ what, cure }: FileTrouble): CliError {
  return new CliError("file_unusable", `${what}: ${cure}`);
}

/** Does what writes a file by its descriptor; what the system refuses then names the file. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isSystemError(error) ? Object.assign(error, { path }) : error;
  }
}

/** How a command ends by what was thrown. `login` signs in again: it is named where that would help. */
export function failureOf(error: unknown, login?: readonly string[]): CliError {
  if (error instanceof CliError) return error;
  const trouble = fileTrouble(error);
  if (trouble) return fileUnusable(trouble);
  if (!(error instanceof CoatcheckError))
    return new CliError("failure", error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error));
  const exit = exitOf(error);
  const offer = exit === EXIT.login || exit === EXIT.refused || exit === EXIT.timeout;
  return new CliError(error.code, error.message, { exit, ...(offer && login && { next: login }) });
}
