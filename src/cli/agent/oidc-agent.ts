import type { Token } from "../../client/index.ts";
import { systemClock } from "../../process/clock.ts";
import { loginWords } from "../connect/find-login.ts";
import { CliError, failureOf } from "../frame/fail.ts";
import { type AgentSession, type AgentSessions, tokenOf } from "./agent-sessions.ts";

/** A request in oidc-agent's words. */
interface OidcRequest {
  readonly request: string;
  readonly account?: string;
  readonly issuer?: string;
  readonly min_valid_period?: number;
  /** Separated by spaces. */
  readonly scope?: string;
  readonly audience?: string;
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
    if (request.audience)
      throw new CliError("invalid_target", "the token's audience was fixed at login: request it without an audience");
    login = held.login;
    const token = await sessions.use({ name: held.name }, (one) => tokenOf(one, request.min_valid_period));
    requireScopes(held, token, request.scope);
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

/** What was granted is what there is: a token with less than was asked would fail later, and say nothing of why. */
function requireScopes({ name, kept }: AgentSession, token: Token, scope = ""): void {
  const granted = token.scopes ?? kept.scopes;
  const lacking = scope.split(" ").filter((one) => one !== "" && !granted.includes(one));
  if (lacking.length === 0) return;
  const next = loginWords({ name, kept: { ...kept, scopes: [...new Set([...kept.scopes, ...lacking])] } });
  throw new CliError("insufficient_scope", `the login "${name}" was not granted ${lacking.join(", ")}`, { next });
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
