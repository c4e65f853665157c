import { type Event, isOperatorReason, type Reason, type RefusedEvent } from "../../credential/index.ts";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import { beyondIssuer } from "../../protocol/ladder/vouched.ts";
import type { OAuthError, TokenOutcome } from "../../protocol/response/outcome.ts";
import { originsOf } from "../../protocol/secret-endpoints.ts";
import { pinnedOf } from "../../protocol/server-offers.ts";
import { BrokerError } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { forgetClient } from "../server/adapted-client.ts";
import { ownMetadata } from "../server/metadata-cache.ts";
import { learn } from "../server/replace-record.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import { findServer } from "../server/server-record.ts";
import type { TokenResponse } from "./token-request.ts";

/** What a refusal is to the credential it was about. */
export async function refusalEvent(
  context: Context,
  server: ResolvedServer,
  response: TokenResponse,
  about: Pick<RefusedEvent, "doubt" | "requestedAt" | "grace" | "slowDown" | "proven">,
  call: Call,
): Promise<Event> {
  const { outcome, text } = await asMeantNow(context, server, response);
  if (outcome.kind === "tokens") throw new Error("tokens are no refusal");
  // FC-90: the client that the broker registered is known no more, and the next login gets another.
  const isForgotten = outcome.kind === "refused" && outcome.error.code === "invalid_client";
  if (isForgotten && server.record.registration) await learn(context, server, { forgotten: true });
  if (outcome.kind === "refused" && isUnknownClient(outcome.error.code)) await forgetBound(context, server);
  const refused = { type: "refused", outcome, text, ...about } as const;
  const moved = await movedEndpoints(context, server, outcome, call);
  if (!moved) return refused;
  if ("metadata" in moved) return { ...refused, metadata: moved.metadata };
  const advice = server.provider.apiServer?.fixed
    ? "to accept this, write the server record again"
    : "to accept this, sign in again";
  const elsewhere = `${text}; the authorization server's endpoints have moved to ${moved.foreignOrigin}: ${advice}`;
  return { type: "server-unusable", reason: "server_misconfigured", text: elsewhere, doubt: about.doubt };
}

/** MCP-R5: the client that was registered is no client there any more, or may not do what it was registered for. */
export function isUnknownClient(code: string): boolean {
  return code === "invalid_client" || code === "unauthorized_client";
}

export async function forgetBound(context: Context, { mount, binding }: ResolvedServer): Promise<void> {
  await forgetClient(context, mount, binding?.client);
}

/**
 * An operator's fault that was mended while the request was away says nothing about the server as it is now: it counts as
 * trouble that passes, or the credential would wait for another write.
 */
async function asMeantNow(context: Context, server: ResolvedServer, response: TokenResponse): Promise<TokenResponse> {
  const { outcome, text } = response;
  if (outcome.kind !== "refused" || !isOperatorReason(outcome.error.code)) return response;
  const present = await findServer(context, server.mount, server.name);
  return present?.id === server.id ? response : { outcome: { kind: "unavailable", text }, text };
}

/**
 * What a write answers when the provider gave no tokens (oauthapp.md 5.1). A one-time value without a definite answer
 * is 400: libraries repeat 5xx by themselves and would send it twice. A request that can be repeated is 502.
 */
export function refusalOf({ outcome, text }: TokenResponse, value: "one-time" | "repeatable"): BrokerError {
  if (outcome.kind === "refused") {
    const { providerCode } = outcome.error;
    return new BrokerError("refused", text, { reason: reasonOf(outcome.error), providerError: providerCode });
  }
  if (outcome.kind === "ambiguous" && value === "one-time") {
    return new BrokerError("refused", text, { reason: "outcome_unknown" });
  }
  const retryAfter = outcome.kind === "tokens" ? undefined : outcome.retryAfter;
  return new BrokerError("repeat", text, {
    reason: "temporarily_unavailable",
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

const PASSED_ON: ReadonlySet<string> = new Set(["access_denied", "expired_token", "invalid_grant", "invalid_target"]);

/** The stable reason of an OAuth error; a code the standards do not know is `rejected`. */
export function reasonOf({ code }: OAuthError): Reason {
  if (isOperatorReason(code)) return code;
  return PASSED_ON.has(code) ? (code as Reason) : "rejected";
}

/** Where a server's endpoints are now: at its known hosts, or at an origin that nobody has agreed to. */
type MovedEndpoints = { readonly metadata: AuthorizationServer } | { readonly foreignOrigin: string };

/**
 * A homeserver's copy of the metadata may be old (Synapse keeps it for the life of its process): when the token endpoint of a
 * login is not there, the issuer's own document says where it is now (matrix.md MX-D12). What stays at its hosts is taken
 * over; another host would get stored secrets, so it needs somebody's word (META-08). Undefined: it has not moved.
 */
async function movedEndpoints(
  context: Context,
  server: ResolvedServer,
  outcome: TokenOutcome,
  call: Call,
): Promise<MovedEndpoints | undefined> {
  const pinned = server.binding?.metadata;
  const isAbsent = outcome.kind === "unavailable" && (outcome.status === 404 || outcome.status === 405);
  if (!pinned || !isAbsent) return undefined;
  const metadata = await ownMetadata(context, pinned, call);
  if (!metadata || !differs(pinned, metadata)) return undefined;
  if (server.binding?.stranger && beyondIssuer(metadata) !== undefined) return undefined;
  const foreignOrigin = foreignOriginOf(server, pinned, metadata);
  return foreignOrigin === undefined ? { metadata: pinnedOf(metadata) } : { foreignOrigin };
}

function differs(before: AuthorizationServer, after: AuthorizationServer): boolean {
  const hasMoved = (["token_endpoint", "revocation_endpoint"] as const).some((name) => after[name] !== before[name]);
  return after.token_endpoint !== undefined && hasMoved;
}

/** An origin that this login never had, and that nobody agreed to by writing the server again. */
function foreignOriginOf({ record }: ResolvedServer, pinned: AuthorizationServer, after: AuthorizationServer) {
  const known = [...Object.values(originsOf(pinned)), record.tokenOrigin, ...Object.values(record.pins ?? {})];
  return Object.values(originsOf(pinnedOf(after))).find((origin) => !known.includes(origin));
}
