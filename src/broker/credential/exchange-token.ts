import { type Issued, issue, operationTimeout, remainingSeconds } from "../../credential/index.ts";
import type { Call } from "../../protocol/client.ts";
import type { TokenSet } from "../../protocol/outcome.ts";
import { tokenExchangeRequest } from "../../protocol/token-exchange.ts";
import { reasonOf } from "../attempt/refusal.ts";
import { requestTokens, type Told } from "../attempt/upstream.ts";
import type { ExchangeInput, TokenView } from "../broker.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Exchanged } from "../process/caches.ts";
import { type Context, callWithin, detach, moment } from "../process/context.ts";
import { settingsOf } from "../record/settings.ts";
import { type ResolvedServer, resolveServer, ServerProblem } from "../server/resolve-server.ts";
import { joinScopes } from "../server/scopes.ts";
import { findServer } from "../server/server-record.ts";
import { tokenView } from "../token-view.ts";
import { type ReadIssued, readableCredential, readIssued } from "./read-credential.ts";

const PREFIX = "exchange failed: ";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const USABLE_TYPES: ReadonlySet<string> = new Set([ACCESS_TOKEN, "urn:ietf:params:oauth:token-type:jwt"]);

/** Token exchange (RFC 8693) of a credential's access token; cached while enough life is left. */
export async function exchangeToken(
  context: Context,
  mount: string,
  name: string,
  input: ExchangeInput,
): Promise<TokenView | undefined> {
  requireResources(input.resources);
  const subject = await readIssued(context, readableCredential(context, mount, name), 0);
  if (!subject) return undefined;
  const key = await cacheKey(context, mount, subject, input);
  const wanted = Math.max(10, input.minimumSeconds);
  const known = context.caches.exchanged.get(key);
  if (known && lasts(context, known.issued, wanted)) return viewOf(context, known);
  const flight = context.caches.exchangeFlights.get(key) ?? startExchange(context, mount, subject, input, key);
  const exchanged = await flight;
  // Delete wins: also over an exchange that was under way.
  const present = await context.store.read(subject.row);
  if (present?.id !== subject.row.id) return undefined;
  const remaining = remainingSeconds(exchanged.issued, context.clock.now());
  if (remaining !== undefined && remaining <= input.minimumSeconds) {
    const text = `token is valid for ${remaining} s, less than the ${input.minimumSeconds} s asked for`;
    const { expiresAt } = exchanged.issued;
    throw new BrokerError("refused", text, {
      reason: "token_too_short",
      ...(expiresAt !== undefined && { expiresAt }),
    });
  }
  return viewOf(context, exchanged);
}

/** RES-01: absolute URIs without fragment. */
function requireResources(resources: readonly string[]): void {
  const bad = resources.some((resource) => !URL.canParse(resource) || resource.includes("#"));
  if (bad) throw invalid("resources must be absolute URIs without fragment", { reason: "invalid_target" });
}

/** As sets: order and repetition do not matter. A rewrite, a refresh or a server write changes a part of the key. */
async function cacheKey(context: Context, mount: string, { row, state }: ReadIssued, input: ExchangeInput) {
  const server = await findServer(context, mount, state.grant.server);
  const sets = [input.scopes, input.audiences, input.resources].map((values) => [...new Set(values)].sort());
  return JSON.stringify([row.id, state.issuedAt, server?.row.id ?? null, ...sets]);
}

function lasts(context: Context, issued: Issued, wanted: number): boolean {
  const remaining = remainingSeconds(issued, context.clock.now());
  return remaining !== undefined && remaining > wanted;
}

function viewOf(context: Context, { issued, issuedTokenType }: Exchanged): TokenView {
  const view = tokenView(issued, context.clock.now());
  return issuedTokenType === undefined ? view : { ...view, issuedTokenType };
}

function startExchange(
  context: Context,
  mount: string,
  subject: ReadIssued,
  input: ExchangeInput,
  key: string,
): Promise<Exchanged> {
  const { exchanged, exchangeFlights } = context.caches;
  const flight = detach(context, exchange(context, mount, subject, input))
    .then((made) => {
      // Without an expiry nobody could say when it ends; it is handed out once.
      if (made.issued.expiresAt !== undefined) exchanged.set(key, made);
      return made;
    })
    .finally(() => exchangeFlights.delete(key));
  exchangeFlights.set(key, flight);
  return flight;
}

async function exchange(
  context: Context,
  mount: string,
  { state }: ReadIssued,
  input: ExchangeInput,
): Promise<Exchanged> {
  const { call, done } = callWithin(context, operationTimeout(await settingsOf(context, mount), undefined, 0));
  const requestedAt = context.clock.now();
  try {
    const server = await resolveServer(context, mount, state.grant, call);
    const told = await request(context, server, state, input, call);
    if (told.outcome.kind !== "tokens") throw refusal(told);
    return exchangedOf(context, server, state, input, { tokens: told.outcome.tokens, requestedAt });
  } catch (error) {
    if (!(error instanceof ServerProblem)) throw error;
    throw new BrokerError("wait", error.message, { reason: error.reason, retryAfter: 60 });
  } finally {
    done();
  }
}

function request(context: Context, server: ResolvedServer, state: Issued, input: ExchangeInput, call: Call) {
  const scope = joinScopes(server, input.scopes);
  const { audiences, resources } = input;
  const parameters = { subjectToken: state.accessToken, audiences, resources, ...(scope !== "" && { scope }) };
  return requestTokens(context, server, call, {
    send: (client, within) => tokenExchangeRequest(server.metadata, client, parameters, within),
    prefix: PREFIX,
    secrets: [state.accessToken],
  });
}

function refusal({ outcome, text }: Told): BrokerError {
  if (outcome.kind === "refused") {
    const { providerCode } = outcome.error;
    const reason = reasonOf(outcome.error);
    return new BrokerError("refused", text, { reason, providerError: providerCode, credentialIssued: true });
  }
  const retryAfter = "retryAfter" in outcome && outcome.retryAfter !== undefined ? outcome.retryAfter : 5;
  return new BrokerError("wait", text, { reason: "temporarily_unavailable", retryAfter });
}

function exchangedOf(
  context: Context,
  server: ResolvedServer,
  subject: Issued,
  input: ExchangeInput,
  { tokens, requestedAt }: { tokens: TokenSet; requestedAt: number },
): Exchanged {
  requireAccessToken(server, tokens);
  const { refreshToken: _, ...rest } = tokens;
  const { maximumExpirySeconds: __, ...grant } = subject.grant;
  const made = issue({ ...grant, scopes: input.scopes }, { tokens: rest, requestedAt }, moment(context));
  const { issuedTokenType } = tokens;
  return { issued: neverBeyond(made, subject), ...(issuedTokenType !== undefined && { issuedTokenType }) };
}

/** TX-02, TX-03: something else than an access token must never be sent as one. */
function requireAccessToken(server: ResolvedServer, { issuedTokenType, tokenType }: TokenSet): void {
  const optional = issuedTokenType === undefined && server.provider.quirks.issuedTokenTypeOptional === true;
  const usable = optional || (issuedTokenType !== undefined && USABLE_TYPES.has(issuedTokenType));
  if (!usable || tokenType.toUpperCase() === "N_A") {
    const reason = "unexpected_token_type";
    throw invalid(`${PREFIX}unexpected issued_token_type`, { reason, credentialIssued: true });
  }
}

/** TX-05: the exchanged token does not outlive its subject here. */
function neverBeyond(made: Issued, subject: Issued): Issued {
  if (made.expiresAt === undefined || subject.expiresAt === undefined) return made;
  return { ...made, expiresAt: Math.min(made.expiresAt, subject.expiresAt) };
}
