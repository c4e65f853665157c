import { CoatcheckError } from "../../client/errors.ts";

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

/** How a command ends by what was thrown. `login` signs in again: it is named where that would help. */
export function failureOf(error: unknown, login?: readonly string[]): CliError {
  if (error instanceof CliError) return error;
  if (!(error instanceof CoatcheckError))
    return new CliError("failure", error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error));
  const exit = exitOf(error);
  const offer = exit === EXIT.login || exit === EXIT.refused || exit === EXIT.timeout;
  return new CliError(error.code, error.message, { exit, ...(offer && login && { next: login }) });
}
