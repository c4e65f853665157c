import type { Token } from "../../client/index.ts";
import { systemClock } from "../../process/clock.ts";
import { VERSION } from "../../process/version.ts";
import { loginWords } from "../connect/find-login.ts";
import { CliError, failureOf } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { visible } from "../frame/visible.ts";
import { type AgentSession, type AgentSessions, tokenOf } from "./agent-sessions.ts";

/** A request in oidc-agent's words. */
export interface OidcRequest {
  readonly request?: unknown;
  readonly account?: string;
  readonly issuer?: string;
  /** Seconds; below zero a new token is wanted. */
  readonly min_valid_period?: number;
  /** Separated by spaces. */
  readonly scope?: string;
  readonly audience?: string;
}

type Answer = (sessions: AgentSessions, request: OidcRequest) => object | Promise<object>;

/** What its programs and libraries ask of a living oidc-agent. Accounts are logins here. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  check: () => ({}),
  loaded_accounts: (sessions) => ({ info: sessions.names() }),
  account_info: async (sessions) => ({ info: await byIssuers(sessions) }),
  status: (sessions) => ({ info: `coatcheck agent ${VERSION}\nlogins: ${sessions.names().join(", ") || "none"}\n` }),
  status_json: (sessions) => ({
    info: { version: VERSION, command_line_options: "", loaded_accounts: sessions.names() },
  }),
  access_token: accessToken,
  id_token: idToken,
};

/** What it would change are logins, and those are the person's own commands' to change. */
const CHANGES = new Set(["add", "gen", "remove", "remove_all", "delete", "lock", "unlock", "reauthenticate"]);

/** `error` is a text, and so is `info`: its programs print both. */
export async function answerOidc(sessions: AgentSessions, asked: OidcRequest): Promise<object> {
  const name = String(asked.request);
  try {
    const answer = Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined;
    if (answer) return { status: "success", ...(await answer(sessions, asked)) };
    const hint = CHANGES.has(name) ? ": logins are changed with coatcheck login and coatcheck logout" : "";
    throw new CliError("invalid_request", `the Coatcheck agent has no request "${name}"${hint}`);
  } catch (error) {
    const { message, next } = failureOf(error);
    return { status: "failure", error: visible(message), ...(next && { info: visible(`run: ${shellWords(next)}`) }) };
  }
}

async function accessToken(sessions: AgentSessions, request: OidcRequest): Promise<object> {
  if (request.audience)
    throw new CliError("invalid_target", "the token's audience was fixed at login: request it without an audience");
  const held = await loginOf(sessions, request);
  const token = await sessions.use({ name: held.name }, (one) => current(one, request.min_valid_period ?? 0));
  requireScopes(held, token, request.scope);
  return {
    access_token: token.accessToken,
    issuer: await sessions.issuerOf(held),
    expires_at: token.expiresIn === undefined ? 0 : Math.floor(systemClock.wall() / 1_000) + token.expiresIn,
  };
}

/** Below zero (`oidc-token --force-new`) is said by who does not trust the token: it is reported as refused. */
async function current(held: AgentSession, least: number): Promise<Token> {
  if (least < 0) await held.session.rejected((await tokenOf(held)).accessToken);
  return tokenOf(held, least > 0 ? least : undefined);
}

async function idToken(sessions: AgentSessions, request: OidcRequest): Promise<object> {
  const held = await loginOf(sessions, request);
  const token = await sessions.use({ name: held.name }, (one) => tokenOf(one, undefined, true));
  return { id_token: token.idToken, issuer: await sessions.issuerOf(held) };
}

/**
 * A token with less than was asked would fail later, and say nothing of why. What the login asked for counts, whatever the provider
 * calls it (FC-07); and where it really is missing another login would bring it no more.
 */
function requireScopes({ name, kept }: AgentSession, token: Token, scope = ""): void {
  const had = new Set([...(token.scopes ?? []), ...kept.scopes]);
  const lacking = scope.split(" ").filter((one) => one !== "" && !had.has(one));
  if (lacking.length === 0) return;
  const next = loginWords({ name, kept: { ...kept, scopes: [...new Set([...kept.scopes, ...lacking])] } });
  throw new CliError("insufficient_scope", `the login "${name}" was not granted ${lacking.join(", ")}`, { next });
}

function loginOf(sessions: AgentSessions, { account, issuer }: OidcRequest): Promise<AgentSession> {
  return account === undefined && issuer !== undefined ? byIssuer(sessions, issuer) : sessions.find(account);
}

/** The first login whose account the issuer vouched for; the servers' own names are tried before. */
async function byIssuer(sessions: AgentSessions, issuer: string): Promise<AgentSession> {
  const plain = (url: string) => url.replace(/\/$/, "");
  for (const name of sessions.names()) {
    const held = await sessions.find(name);
    if (plain(await sessions.issuerOf(held)) === plain(issuer)) return held;
  }
  return sessions.find(issuer);
}

/** Issuer → its logins, which are all loaded; there is no client that everybody may use. */
async function byIssuers(sessions: AgentSessions): Promise<object> {
  const all = new Map<string, string[]>();
  for (const name of sessions.names()) {
    const issuer = await sessions.issuerOf(await sessions.find(name));
    all.set(issuer, [...(all.get(issuer) ?? []), name]);
  }
  const info = (names: readonly string[]) => ({
    pubclient: false,
    accounts: Object.fromEntries(names.map((name) => [name, true])),
  });
  return Object.fromEntries([...all].map(([issuer, names]) => [issuer, info(names)]));
}
