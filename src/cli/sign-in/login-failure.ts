import type { CoatcheckError } from "../../client/index.ts";
import { OWN } from "../connect/broker.ts";
import { loginWords } from "../connect/find-login.ts";
import { CliError, failureOf } from "../frame/fail.ts";
import type { KeptSession } from "../kept/sessions-file.ts";

/** A login as far as it is known when it comes to nothing. */
interface LoginAttempt {
  readonly name: string;
  readonly kept: Pick<KeptSession, "broker" | "server" | "scopes" | "flow" | "expected">;
}

/** CLI-28: the cause, and the command that can help. `again`: the same command may do it. */
export function loginFailure(error: CoatcheckError, login: LoginAttempt, again: boolean): CliError {
  const { name, kept } = login;
  const failure = failureOf(error, again ? loginWords({ name, kept }) : undefined);
  const { code, exit } = failure;
  const next = otherWay(error, login);
  if (next) return new CliError(code, `${error.message} (${FORBIDDEN})`, { exit, next });
  if (code === "account_mismatch" && kept.expected !== undefined) {
    const whoever = [...loginWords({ name, kept }), "--no-account"];
    return new CliError(code, `${error.message} (--no-account accepts any account)`, { exit, next: whoever });
  }
  if (kept.broker === OWN && error.message.includes("--public-url")) {
    const next = ["coatcheck", "broker", "restart"];
    return new CliError(code, "your own broker is older than this command: start it anew", { exit, next });
  }
  return failure;
}

/** Of one's own broker, where people add servers themselves; one that is named after its provider needs no other word. */
export async function missingServer(error: CoatcheckError, server: string): Promise<CliError> {
  const { findProvider } = await import("../../providers/index.ts");
  const isProvider = findProvider(server) !== undefined;
  const how = isProvider ? "" : `to add it: coatcheck server add ${server} --provider PROVIDER --client-id ID; `;
  const text = `your own broker: ${error.message}; ${how}to use another broker: --addr or COATCHECK_ADDR`;
  const { code, exit } = failureOf(error);
  const words = isProvider ? [server, "--provider", server] : ["--help"];
  return new CliError(code, text, { exit, next: ["coatcheck", "server", "add", ...words] });
}

const FORBIDDEN = "the provider or one of its policies does not allow this client to sign in with a code";

/** By a browser, where logins by code are forbidden. */
export function otherWay(
  { code, message }: Pick<CoatcheckError, "code" | "message">,
  { name, kept }: LoginAttempt,
): readonly string[] | undefined {
  if (kept.flow === "page" || !(CODES.has(code) || TEXTS.test(message))) return undefined;
  return loginWords({ name, kept: { ...kept, flow: "page" } });
}

const CODES: ReadonlySet<string> = new Set(["unauthorized_client", "unsupported_grant_type"]);

/**
 * Providers that say it by a text: Microsoft's conditional access
 * (https://learn.microsoft.com/entra/identity-platform/reference-error-codes), and words to the same effect.
 */
const TEXTS =
  /AADSTS53003\b|device (code |authorization )?(flow|grant)\b.*\b(disabled|blocked|not (allowed|enabled|permitted))/i;
