import type { Identity, Issued } from "../../credential/index.ts";
import type { Call } from "../../protocol/client.ts";
import { ISSUER_TEMPLATE } from "../../protocol/discovery.ts";
import { verifyIdToken } from "../../protocol/identity/id-token.ts";
import { namesOf } from "../../protocol/identity/id-token-claims.ts";
import { userInfo } from "../../protocol/identity/user-info.ts";
import type { TokenSet } from "../../protocol/response/outcome.ts";
import type { Context } from "../process/context.ts";
import { whyMoved } from "../server/pinned-origins.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import {
  type Arrival,
  accountApiOf,
  asExpected,
  askAccount,
  foreign,
  type Identified,
  identifyByApi,
  isRefresh,
  withoutNeededScopes,
} from "./whose-login.ts";

/**
 * Verifies the id_token of an OpenID provider and reads userinfo, or asks the provider's API whose the tokens are. They are
 * in escrow by now, so nothing here can lose them: what cannot be reached costs extra data only.
 */
export async function identify(
  context: Context,
  server: ResolvedServer,
  arrival: Arrival,
  call: Call,
): Promise<Identified> {
  return asExpected(await accountOf(context, server, arrival, call), arrival);
}

async function accountOf(context: Context, server: ResolvedServer, arrival: Arrival, call: Call): Promise<Identified> {
  const { tokens, requestedAt, oddities } = arrival;
  const notices = oddities.map((oddity) => `the server's answer was unusual: ${oddity}`);
  const useless = withoutNeededScopes(server, arrival);
  if (useless) return useless;
  const api = accountApiOf(server);
  if (api) return identifyByApi(context, api, { ...arrival, notices }, call);
  const isSilent = arrival.openid === false && tokens.idToken === undefined;
  if (!server.provider.openid || isSilent) return askAccount(context, server, { ...arrival, notices }, call);
  if (tokens.idToken === undefined) {
    if (isRefresh(arrival)) return { kind: "issue", issue: { tokens, requestedAt, notices } };
    return foreign("id_token_invalid", "oidc: missing ID token in response");
  }
  return withIdToken(context, server, { ...arrival, idToken: tokens.idToken, notices }, call);
}

/** Of tokens that carry one; also of an id_token that could not be verified when it came. */
export async function withIdToken(
  context: Context,
  server: ResolvedServer,
  arrival: Arrival & { idToken: string; notices: readonly string[] },
  call: Call,
): Promise<Identified> {
  const { tokens, requestedAt, previous, idToken } = arrival;
  const verdict = await verifyIdToken(
    {
      as: server.metadata,
      clientId: server.record.clientId,
      idToken,
      accessToken: tokens.accessToken,
      nowSeconds: Math.floor(context.clock.wall() / 1000),
      ...issuersOf(server),
      ...(arrival.nonce !== undefined && { nonce: arrival.nonce }),
      ...(previous?.identity && { previous: { iss: previous.identity.issuer, sub: previous.identity.subject } }),
    },
    call,
  );
  if (verdict.kind === "subject_changed") return { kind: "subject-changed", text: verdict.text };
  if (verdict.kind === "refused" && !isRefresh(arrival)) return foreign("id_token_invalid", verdict.text);
  const told = verdict.kind === "valid" ? [] : [`${UNVERIFIED}${verdict.text}`];
  if (verdict.kind === "refused") {
    return { kind: "issue", issue: { tokens, requestedAt, notices: [...arrival.notices, ...told] } };
  }
  const kept = { text: idToken, requestedAt, expiresAt: Number(verdict.claims.exp) * 1000 };
  if (verdict.kind === "unverified") {
    const waits = arrival.session && server.metadata.jwks_uri !== undefined && { unverifiedIdToken: kept };
    const issue = { tokens, requestedAt, notices: [...arrival.notices, ...told], ...waits };
    // It came from the token endpoint itself, over TLS: that says whose it is (OpenID Connect Core 3.1.3.7, rule 6).
    return { kind: "issue", issue: { ...issue, identity: identityOf(verdict.claims) }, names: namesOf(verdict.claims) };
  }
  const extra = await extraData(server, { ...arrival, claims: verdict.claims }, call);
  const identity = identityOf({ ...claimsOf(extra.data.user_info), ...verdict.claims });
  const notices = [...arrival.notices, ...extra.notices];
  const issue = { tokens, requestedAt, identity, extraData: extra.data, notices };
  const names = namesOf(verdict.claims);
  return { kind: "issue", issue: { ...issue, ...(arrival.session && { idToken: kept }) }, names };
}

/** First words of what a reader is told of an id_token that is not to be trusted yet. */
export const UNVERIFIED = "id_token could not be verified: ";

/** Whom an id_token may be from. FC-35: metadata that name no single issuer are filled in by a claim. */
function issuersOf({ metadata, provider: { issuerAliases, issuerPlaceholder } }: ResolvedServer) {
  const { [ISSUER_TEMPLATE]: template } = metadata;
  if (template === undefined || !issuerPlaceholder) return { issuerAliases };
  return { issuerAliases, issuerTemplate: { ...issuerPlaceholder, template: String(template) } };
}

function claimsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Characters: a name is for people. */
const LONGEST_NAME = 200;

function identityOf(claims: Readonly<Record<string, unknown>>): Identity {
  const { preferred_username: username, name: full, email } = claims;
  const name = [username, full, email].find((value) => typeof value === "string" && value !== "");
  return {
    issuer: String(claims.iss),
    subject: String(claims.sub),
    ...(name !== undefined && { name: String(name).slice(0, LONGEST_NAME).toWellFormed() }),
  };
}

/** Only the fields the operator asked for (`extra_data_fields`). */
async function extraData(
  server: ResolvedServer,
  arrival: { tokens: TokenSet; idToken: string; claims: Readonly<Record<string, unknown>>; previous?: Issued },
  call: Call,
): Promise<{ data: Record<string, unknown>; notices: readonly string[] }> {
  const wanted = new Set(server.provider.extraDataFields);
  const data: Record<string, unknown> = {};
  if (wanted.has("id_token")) data.id_token = arrival.idToken;
  if (wanted.has("id_token_claims")) data.id_token_claims = arrival.claims;
  if (!wanted.has("user_info")) return { data, notices: [] };
  const subject = String(arrival.claims.sub);
  const moved = whyMoved(server.moved, "userinfo_endpoint");
  const info =
    moved === undefined
      ? await userInfo({ as: server.metadata, accessToken: arrival.tokens.accessToken, subject }, call)
      : { kind: "failed" as const, text: moved };
  if (info.kind === "claims") return { data: { ...data, user_info: info.claims }, notices: [] };
  const before = arrival.previous?.extraData.user_info;
  if (before !== undefined) data.user_info = before;
  return { data, notices: [`user_info is not current: ${info.text}`] };
}
