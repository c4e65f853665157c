import { authorizationCodeRequest } from "../../protocol/authorization-code.ts";
import { checkCallback } from "../../protocol/callback.ts";
import { endOf, type Redeemed, redeem } from "../attempt/redeem.ts";
import type { CallbackResult } from "../broker.ts";
import { BrokerError } from "../errors.ts";
import { type Context, detach } from "../process/context.ts";
import { endPending } from "../record/end-pending.ts";
import { findFlow, HOLD_MS, type StoredFlow, wasUsed } from "../record/flow.ts";
import { grantOf } from "../record/grant.ts";
import { hashOfToken } from "../record/token-hash.ts";
import { requireSameServer } from "../server/resolve-server.ts";
import { boundGrant, resolveForWrite, type ServerForWrite, secondsLeft } from "./redeem-write.ts";

const UNKNOWN: CallbackResult = {
  known: false,
  ok: false,
  text: "It is unknown, was used already, or has expired.",
};

const OTHER_BROWSER: CallbackResult = {
  known: false,
  ok: false,
  text: "It was made for another browser: the one in which the code was typed.",
};

const NOT_NOW = "The server cannot finish the login just now. Wait a minute, then go back and follow the link again.";

type Fill = NonNullable<StoredFlow["flow"]["fill"]>;

/** The browser comes back from the authorization server: one use per flow, then the credential is filled. */
export async function receiveCallback(
  context: Context,
  mount: string,
  parameters: URLSearchParams,
  browser: string,
): Promise<CallbackResult> {
  // ISS-06: a parameter twice is an attack or a broken server; nothing is asked upstream.
  const twice = ["state", "code", "iss", "error"].some((name) => parameters.getAll(name).length > 1);
  const state = parameters.get("state") ?? "";
  if (twice || state === "") return UNKNOWN;
  const stored = await findFlow(context, mount, state);
  if (!stored?.flow.fill) return UNKNOWN;
  // A link that was handed to somebody else must not bring their login to whoever handed it.
  const { browser: bound } = stored.flow.fill;
  if (bound !== undefined && bound !== hashOfToken(browser)) return OTHER_BROWSER;
  const held = await context.store.claim(stored.row.id, { milliseconds: HOLD_MS });
  if (!held) return UNKNOWN;
  if (wasUsed(held)) {
    await context.store.remove(stored.row.id);
    return UNKNOWN;
  }
  let ended: Ended = { known: true, ok: false, text: "" };
  try {
    ended = await detach(context, answer(context, mount, stored, stored.flow.fill, { parameters, state }));
    return ended;
  } catch (error) {
    if (error instanceof BrokerError) return { known: true, ok: false, text: `${error.message}.` };
    throw error;
  } finally {
    if (ended.again) await context.store.release(stored.row.id, held.claim, { untouched: true });
    else await context.store.remove(stored.row.id);
  }
}

/** `again`: the code was certainly not used, so the same way back may be gone once more. */
type Ended = CallbackResult & { readonly again?: true };

async function answer(
  context: Context,
  mount: string,
  stored: StoredFlow,
  fill: Fill,
  { parameters, state }: { parameters: URLSearchParams; state: string },
): Promise<Ended> {
  const { flow } = stored;
  const server = await resolveForWrite(context, mount, flow);
  requireSameServer(stored.flow, server);
  const checked = checkCallback(server.metadata, parameters, { state });
  if (checked.kind === "invalid") return { known: false, ok: false, text: `${checked.text}.` };
  if (checked.kind === "error") {
    const text = `server rejected request: ${checked.error.code}`;
    await endPending(context, fill.target, { type: "declined", error: checked.error, text });
    const refused = checked.error.code === "access_denied";
    return { known: true, ok: false, text: refused ? "You refused the login. Nothing was stored." : `The ${text}.` };
  }
  const redeemed = await exchange(context, mount, server, flow, fill, checked.code);
  const ended = told(redeemed);
  const end = endOf(redeemed);
  if (end && !ended.again) await endPending(context, fill.target, end);
  return ended;
}

function exchange(
  context: Context,
  mount: string,
  server: ServerForWrite,
  flow: StoredFlow["flow"],
  fill: Fill,
  code: string,
): Promise<Redeemed> {
  const { maximumExpirySeconds, session } = fill;
  const grant = boundGrant(grantOf(flow.server, { ...flow, maximumExpirySeconds }, session), server);
  const nonce = flow.nonce === undefined ? {} : { nonce: flow.nonce };
  const redemption = {
    name: fill.name,
    kind: "callback",
    grant,
    prefix: "exchange failed: ",
    target: fill.target,
    strict: true,
    ...nonce,
  } as const;
  const { redirectUri, verifier: codeVerifier } = flow;
  return redeem(context, mount, server, redemption, {
    seconds: secondsLeft(context, server),
    send: (client, call) =>
      authorizationCodeRequest(server.metadata, client, { code, redirectUri, codeVerifier }, call),
    secrets: [code, codeVerifier],
  });
}

function told(redeemed: Redeemed): Ended {
  switch (redeemed.kind) {
    case "stored":
      return { known: true, ok: true, text: "The program that asked has its login now." };
    case "superseded":
      return { known: true, ok: false, text: "Somebody replaced or removed this login meanwhile. Nothing was stored." };
    case "identity-refused":
      return { known: true, ok: false, text: `The server's answer could not be trusted: ${redeemed.text}.` };
    case "refused": {
      const { outcome, text } = redeemed.told;
      if (outcome.kind === "unavailable") return { known: true, ok: false, text: NOT_NOW, again: true };
      return { known: true, ok: false, text: `The login did not work: ${text}.` };
    }
    default:
      return redeemed satisfies never;
  }
}
