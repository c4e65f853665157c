import { systemClock } from "../../clock.ts";
import { ask } from "../broker/held-session.ts";
import { failureOf } from "../fail.ts";
import { type AgentSession, type AgentSessions, tokenOf } from "./agent-sessions.ts";

/** A request in oidc-agent's words. */
interface OidcRequest {
  readonly request: string;
  readonly account?: string;
  readonly issuer?: string;
  readonly min_valid_period?: number;
}

const REQUESTS: ReadonlySet<unknown> = new Set(["access_token", "loaded_accounts"]);

export function isOidcRequest(request: unknown): request is OidcRequest {
  return REQUESTS.has((request as OidcRequest | null)?.request);
}

export async function answerOidc(sessions: AgentSessions, request: OidcRequest): Promise<object> {
  if (request.request === "loaded_accounts") return { status: "success", info: sessions.names() };
  let login: readonly string[] | undefined;
  try {
    const held = await (request.account === undefined && request.issuer !== undefined
      ? byIssuer(sessions, request.issuer)
      : sessions.find(request.account));
    login = held.login;
    const token = await ask(held, tokenOf(held, request.min_valid_period));
    return {
      status: "success",
      access_token: token.accessToken,
      issuer: (await issuerOf(held)) ?? held.kept.server,
      expires_at: token.expiresIn === undefined ? 0 : Math.floor(systemClock.wall() / 1_000) + token.expiresIn,
    };
  } catch (error) {
    const { message, next = login } = failureOf(error);
    return { status: "failure", error: message, ...(next && { info: `run: ${next.join(" ")}` }) };
  }
}

async function issuerOf({ session }: AgentSession): Promise<string | undefined> {
  return (await session.status()).account?.issuer;
}

/** The first login whose account the issuer vouched for; the servers' own names are tried before. */
async function byIssuer(sessions: AgentSessions, issuer: string): Promise<AgentSession> {
  const plain = issuer.replace(/\/$/, "");
  for (const name of sessions.names()) {
    const held = await sessions.find(name);
    const found = await issuerOf(held).catch(() => undefined);
    if (found?.replace(/\/$/, "") === plain) return held;
  }
  return sessions.find(issuer);
}
