import { authorizationCodeRequest } from "../../protocol/authorization-code.ts";
import { checkCallback } from "../../protocol/callback.ts";
import { endOf, type Redeemed, redeem } from "../attempt/redeem.ts";
import { forgetBound, isUnknownClient } from "../attempt/refusal.ts";
import type { TokenRequest } from "../attempt/token-request.ts";
import type { CallbackResult, CameBack } from "../broker.ts";
import { BrokerError } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { markIn } from "../process/redirect-uri.ts";
import {
  type AuthorizationRequest,
  endPending,
  endsWith,
  findRequest,
  HOLD_MS,
  type StoredRequest,
  wasUsed,
} from "../record/authorization-request.ts";
import { grantOf } from "../record/grant.ts";
import { removeLink } from "../record/own-client.ts";
import { hashOfToken } from "../record/token-hash.ts";
import { addedScopesText, openReady, type ReadyOperation, secondsLeft } from "../server/operation.ts";
import { boundGrant, requireSameServer } from "../server/resolve-server.ts";

const UNKNOWN: CallbackResult = {
  known: false,
  ok: false,
  text: "It is unknown, has been used already, or has expired.",
};

const OTHER_BROWSER: CallbackResult = {
  known: false,
  ok: false,
  text: "It belongs to another browser: the one in which the code was entered.",
};

const NOT_NOW = "The server cannot finish the login right now. Wait a minute, then go back and open the link again.";

/** BCP-04: so it may be another server's code, and goes to nobody. */
const OTHER_SERVER: CallbackResult = {
  known: false,
  ok: false,
  text: "It came back to the address of another server than the one that the login was begun with.",
};

type Fill = NonNullable<AuthorizationRequest["fill"]>;

/** The browser comes back from the authorization server: one use per flow, then the credential is filled. */
export async function receiveCallback(
  context: Context,
  mount: string,
  { parameters, browser = "", issuer }: CameBack,
): Promise<CallbackResult> {
  // ISS-06: a parameter twice is an attack or a broken server; nothing is asked upstream.
  const twice = ["state", "code", "iss", "error"].some((name) => parameters.getAll(name).length > 1);
  const state = parameters.get("state") ?? "";
  if (twice || state === "") return UNKNOWN;
  const stored = await findRequest(context, mount, state);
  const fill = stored?.request.fill;
  if (!stored || !fill) return UNKNOWN;
  if (markIn(context, stored.request.redirectUri) !== issuer) return OTHER_SERVER;
  // A link that was handed to somebody else must not bring their login to whoever handed it.
  if (fill.browser !== undefined && fill.browser !== hashOfToken(browser)) return OTHER_BROWSER;
  // Before the link is held: a server that cannot be looked up now uses up none, and one that is gone does.
  const operation = await openReady(context, mount, stored.request).catch(asValue);
  if (operation instanceof BrokerError) {
    if (operation.kind === "wait" || operation.detail.passes) return { ...failed(operation), again: true };
    await removeLink(context, mount, { id: stored.row.id }, endsWith(stored));
    return failed(operation);
  }
  return once(context, stored, operation, { request: stored.request, fill, parameters, state });
}

function asValue(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  throw error;
}

function failed({ message }: BrokerError): CallbackResult {
  return { known: true, ok: false, text: `${message}.` };
}

/** OA-16: the link is held while its answer is looked at, and gone afterwards, unless its code was certainly not used. */
async function once(
  context: Context,
  stored: StoredRequest,
  operation: ReadyOperation,
  callback: Callback,
): Promise<CallbackResult> {
  const { id } = stored.row;
  const held = await context.store.claim(id, { milliseconds: HOLD_MS });
  if (!held) return UNKNOWN;
  if (wasUsed(held)) {
    await context.store.remove({ id });
    return UNKNOWN;
  }
  let ended: CallbackResult = { known: true, ok: false, text: "" };
  try {
    ended = await detach(context, answer(context, operation, callback));
    return ended;
  } catch (error) {
    const problem = asValue(error);
    // Nothing was sent.
    ended = { ...failed(problem), ...(problem.kind === "wait" && { again: true }) };
    return ended;
  } finally {
    if (ended.again) await context.store.release(id, held.claim, { untouched: true });
    else await removeLink(context, operation.mount, { id }, ended.ok ? undefined : endsWith(stored));
  }
}

/** The request whose answer it is, and the credential that is to be filled. */
interface CallbackRequest {
  readonly request: AuthorizationRequest;
  readonly fill: Fill;
}

/** What the browser brought for it. */
interface Callback extends CallbackRequest {
  readonly parameters: URLSearchParams;
  readonly state: string;
}

async function answer(context: Context, operation: ReadyOperation, callback: Callback): Promise<CallbackResult> {
  const { request, fill, parameters, state } = callback;
  requireSameServer(request, operation.server);
  const checked = checkCallback(operation.server.metadata, parameters, { state });
  if (checked.kind === "invalid") {
    // MCP-L6: the link is used up, and nothing of such an answer is told.
    const text = `the answer is not from the server that the login was begun with: ${checked.text}`;
    await endPending(context, fill.target, { type: "identity-refused", reason: "rejected", text });
    return { known: false, ok: false, text: `${checked.text}.` };
  }
  if (checked.kind === "error") {
    const asked = { scopes: request.scopes, added: request.addedScopes ?? [] };
    const text = `server rejected request: ${checked.error.code}${addedScopesText(asked, checked.error.code)}`;
    await endPending(context, fill.target, { type: "declined", error: checked.error, text });
    const refused = checked.error.code === "access_denied";
    return { known: true, ok: false, text: refused ? "You refused the login. Nothing was stored." : `The ${text}.` };
  }
  const redeemed = await redeemCode(context, operation, callback, checked.code);
  if (redeemed.kind === "refused" && redeemed.response.outcome.kind === "refused") {
    const { code } = redeemed.response.outcome.error;
    if (isUnknownClient(code)) await forgetBound(context, operation.server);
  }
  const ended = endedFor(redeemed);
  const end = endOf(redeemed);
  if (end && !ended.again) await endPending(context, fill.target, end);
  return ended;
}

function redeemCode(
  context: Context,
  operation: ReadyOperation,
  { request, fill }: CallbackRequest,
  code: string,
): Promise<Redeemed> {
  const { server } = operation;
  const { maximumExpirySeconds, session, name, target } = fill;
  const { redirectUri, verifier: codeVerifier, nonce } = request;
  const written = grantOf(request.server, { ...request, maximumExpirySeconds }, session);
  const grant = { ...boundGrant(written, server), ...(request.openid === false && { openid: request.openid }) };
  const own = { name, target, strict: true, ...(nonce !== undefined && { nonce }) };
  const asked: Pick<TokenRequest, "request" | "secrets"> = {
    secrets: [code, codeVerifier],
    request: ({ metadata, provider: { parameters } }, client, call) =>
      authorizationCodeRequest(metadata, client, { code, redirectUri, codeVerifier, parameters }, call),
  };
  const redemption = { kind: "callback", grant, prefix: "exchange failed: ", ...own } as const;
  return redeem(context, server, redemption, asked, secondsLeft(context, operation));
}

function endedFor(redeemed: Redeemed): CallbackResult {
  switch (redeemed.kind) {
    case "stored":
      return { known: true, ok: true, text: "The program that asked for the login is signed in." };
    case "superseded":
      return {
        known: true,
        ok: false,
        text: "This login was replaced or removed in the meantime. Nothing was stored.",
      };
    case "identity-refused":
      return { known: true, ok: false, text: `The server's answer could not be trusted: ${redeemed.text}.` };
    case "refused": {
      const { outcome, text } = redeemed.response;
      if (outcome.kind === "unavailable") return { known: true, ok: false, text: NOT_NOW, again: true };
      return { known: true, ok: false, text: `The login failed: ${text}.` };
    }
    case "postponed":
      return { known: true, ok: false, text: NOT_NOW };
    default:
      return redeemed satisfies never;
  }
}
