/**
 * A current access token of a login, for commands and for other programs' helpers alike: from the agent where there is one,
 * else from the broker. Whether it is refreshed for that is the broker's to say.
 */
import type { Token, TokenOptions } from "../../client/index.ts";
import type { AgentAnswer } from "../agent/agent-wire.ts";
import { askAgent } from "../agent/ask-agent.ts";
import { ask, type HeldSession, heldSession } from "../connect/held-session.ts";
import { environment } from "../frame/environment.ts";
import { CliError } from "../frame/fail.ts";
import { createOutput, type Output } from "../frame/output.ts";
import { secondsOf } from "../frame/seconds.ts";
import { isWritable } from "../frame/visible.ts";

/** The option of every command that hands out tokens. */
export const MIN_VALID = ["--min-valid <seconds>", "seconds the token must live on"] as const;

/** What the token is to be good for. */
export type TokenNeeds = Pick<TokenOptions, "minValid" | "idToken">;

export function needsOf(minValid: string | undefined): TokenNeeds {
  const seconds = secondsOf("--min-valid", minValid, { least: 0 });
  return seconds === undefined ? {} : { minValid: seconds };
}

/** Current tokens of one login, as often as asked. Throws `CliError` with the command to run. */
export type TokenSource = (needs?: TokenNeeds) => Promise<Token>;

export function tokenSource(out: Output, name: string | undefined, addr?: string): TokenSource {
  // A session or a broker that was named is another one than the agent holds.
  const direct = addr !== undefined || (name === undefined && Boolean(environment().COATCHECK_SESSION));
  let held: Promise<HeldSession> | undefined;
  return async ({ minValid, idToken } = {}) => {
    const answer = direct
      ? undefined
      : await askAgent({
          request: "token",
          ...(name !== undefined && { name }),
          ...(minValid !== undefined && { min_valid: minValid }),
          ...(idToken && { id_token: true }),
        });
    if (answer && out.verbose) out.note("the agent answers");
    if (answer) return requireWritable(fromAgent(answer));
    held ??= heldSession(out, name, addr);
    const opened = await held;
    const asked = { ...(minValid !== undefined && { minValid }), ...(idToken && { idToken }) };
    return requireWritable(await ask(opened, opened.session.tokenDetails(asked)));
  };
}

/** Programs get it in lines of a protocol, in headers and files: it must not begin another line there (RFC 6749 appendix A.12). */
function requireWritable(token: Token): Token {
  const { accessToken, tokenType, idToken = "-" } = token;
  if ([accessToken, tokenType, idToken].every(isWritable)) return token;
  throw new CliError("unexpected_answer", "the broker's answer contains a token that is not printable ASCII");
}

function fromAgent(answer: AgentAnswer): Token {
  requireSuccess(answer);
  if (!answer.token) throw new CliError("failure", "the agent gives no token");
  const { access_token, token_type, expires_in, scopes, id_token, id_token_expires_in } = answer.token;
  return {
    accessToken: access_token,
    tokenType: token_type,
    ...(expires_in !== undefined && { expiresIn: expires_in }),
    ...(scopes && { scopes }),
    ...(id_token !== undefined && { idToken: id_token }),
    ...(id_token_expires_in !== undefined && { idTokenExpiresIn: id_token_expires_in }),
  };
}

/** An API answered 401 to the token of that SHA-256: it is refreshed once. */
export async function reportRejected(name: string, sha256: string): Promise<void> {
  const answer = await askAgent({ request: "rejected", name, token_sha256: sha256 });
  if (answer) return requireSuccess(answer);
  const held = await heldSession(createOutput({ plain: true }), name);
  await ask(held, held.session.rejected({ sha256 }));
}

/** Throws the agent's failure as the command's. */
export function requireSuccess({ error }: AgentAnswer): void {
  if (error) throw new CliError(error.code, error.message, error);
}
