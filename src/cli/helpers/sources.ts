import { createHash } from "node:crypto";
import type { Token } from "../../client/index.ts";
import { systemClock } from "../../process/clock.ts";
import type { AgentAnswer } from "../agent/agent-wire.ts";
import { askAgent } from "../agent/ask-agent.ts";
import { ask, type Held, heldSession } from "../connect/held-session.ts";
import { environment } from "../frame/environment.ts";
import { CliError } from "../frame/fail.ts";
import { createOutput, type Output } from "../frame/output.ts";
import type { Tokens, Wanted } from "./protocol.ts";

/** Current tokens of one login, as often as asked. Throws `CliError` with the command to run. */
export type TokenSource = (wanted?: Wanted) => Promise<Token>;

/** From the agent where there is one, else from the broker: for commands and helpers alike. */
export function tokenSource(out: Output, name: string | undefined, addr?: string): TokenSource {
  // A session or a broker that was named is another one than the agent holds.
  const direct = addr !== undefined || (name === undefined && Boolean(environment.COATCHECK_SESSION));
  let held: Promise<Held> | undefined;
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
    if (answer) return fromAgent(answer);
    held ??= heldSession(out, name, addr);
    const opened = await held;
    const asked = { ...(minValid !== undefined && { minValid }), ...(idToken && { idToken }) };
    return ask(opened, opened.session.tokenDetails(asked));
  };
}

/** What helpers ask, by the names that `setup` wrote down. */
export const tokens: Tokens = {
  async current(name, wanted) {
    const token = await tokenSource(createOutput({ plain: true }), name)(wanted);
    const { accessToken, tokenType, idToken } = token;
    const [expiresAt, idTokenExpiresAt] = [endOf(token.expiresIn), endOf(token.idTokenExpiresIn)];
    return {
      accessToken,
      tokenType,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(idToken !== undefined && { idToken }),
      ...(idTokenExpiresAt !== undefined && { idTokenExpiresAt }),
    };
  },
  async rejected(name, sha256) {
    const answer = await askAgent({ request: "rejected", name, token_sha256: sha256 });
    if (answer) return failAs(answer);
    const held = await heldSession(createOutput({ plain: true }), name);
    await ask(held, held.session.rejected({ sha256 }));
  },
};

function fromAgent(answer: AgentAnswer): Token {
  failAs(answer);
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

/** The agent's failure is the command's. */
export function failAs({ error }: AgentAnswer): void {
  if (error) throw new CliError(error.code, error.message, error);
}

/** Epoch seconds. */
function endOf(expiresIn: number | undefined): number | undefined {
  return expiresIn === undefined ? undefined : Math.floor(systemClock.wall() / 1_000) + expiresIn;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
