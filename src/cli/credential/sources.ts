import { createHash } from "node:crypto";
import { systemClock } from "../../clock.ts";
import type { AgentAnswer } from "../agent/agent-wire.ts";
import { askAgent } from "../agent/ask-agent.ts";
import { ask, heldSession } from "../broker/held-session.ts";
import { CliError } from "../fail.ts";
import { createOutput } from "../output.ts";
import type { CurrentToken, Tokens } from "./protocol.ts";

/** From the agent where there is one, else from the broker. */
export const tokens: Tokens = {
  async current(name, minValid) {
    const answer = await askAgent({ request: "token", name, ...(minValid !== undefined && { min_valid: minValid }) });
    if (answer) return fromAgent(answer);
    const held = await heldSession(createOutput({ plain: true }), name);
    const token = await ask(held, held.session.tokenDetails(minValid === undefined ? {} : { minValid }));
    return currentToken(token.accessToken, token.tokenType, token.expiresIn);
  },
  async rejected(name, sha256) {
    if (await askAgent({ request: "rejected", name, token_sha256: sha256 })) return;
    const held = await heldSession(createOutput({ plain: true }), name);
    await ask(held, held.session.rejected({ sha256 }));
  },
};

function fromAgent({ token, error }: AgentAnswer): CurrentToken {
  if (token) return currentToken(token.access_token, token.token_type, token.expires_in);
  const { code = "failure", message = "the agent gives no token", ...detail } = error ?? {};
  throw new CliError(code, message, detail);
}

function currentToken(accessToken: string, tokenType: string, expiresIn: number | undefined): CurrentToken {
  const now = Math.floor(systemClock.wall() / 1_000);
  return { accessToken, tokenType, ...(expiresIn !== undefined && { expiresAt: now + expiresIn }) };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
