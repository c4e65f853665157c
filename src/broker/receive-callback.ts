import type { Event } from "../credential/index.ts";
import { authorizationCodeRequest } from "../protocol/authorization-code.ts";
import { checkCallback } from "../protocol/callback.ts";
import type { CallbackResult } from "./broker.ts";
import { after } from "./commit.ts";
import { type Context, detach } from "./context.ts";
import { BrokerError } from "./errors.ts";
import { findFlow, HOLD_MS, type StoredFlow, wasUsed } from "./flow.ts";
import { grantOf } from "./grant.ts";
import { credentialRow, openCredential } from "./records.ts";
import { type Redeemed, redeem } from "./redeem.ts";
import { resolveForWrite } from "./redeem-write.ts";
import type { ResolvedServer } from "./resolve-server.ts";
import { settingsOf } from "./settings.ts";

const UNKNOWN: CallbackResult = {
  known: false,
  ok: false,
  text: "It is unknown, was used already, or has expired.",
};

type Fill = NonNullable<StoredFlow["flow"]["fill"]>;

/** The browser comes back from the authorization server: one use per flow, then the credential is filled. */
export async function receiveCallback(
  context: Context,
  mount: string,
  parameters: URLSearchParams,
): Promise<CallbackResult> {
  // ISS-06: a parameter twice is an attack or a broken server; nothing is asked upstream.
  const twice = ["state", "code", "iss", "error"].some((name) => parameters.getAll(name).length > 1);
  const state = parameters.get("state") ?? "";
  if (twice || state === "") return UNKNOWN;
  const stored = await findFlow(context, mount, state);
  if (!stored?.flow.fill) return UNKNOWN;
  const held = await context.store.claim(stored.row.id, { milliseconds: HOLD_MS });
  if (!held) return UNKNOWN;
  if (wasUsed(held)) {
    await context.store.remove(stored.row.id);
    return UNKNOWN;
  }
  try {
    return await detach(context, answer(context, mount, stored, stored.flow.fill, { parameters, state }));
  } catch (error) {
    if (error instanceof BrokerError) return { known: true, ok: false, text: `${error.message}.` };
    throw error;
  } finally {
    await context.store.remove(stored.row.id);
  }
}

async function answer(
  context: Context,
  mount: string,
  { flow }: StoredFlow,
  fill: Fill,
  { parameters, state }: { parameters: URLSearchParams; state: string },
): Promise<CallbackResult> {
  const server = await resolveForWrite(context, mount, flow.server, flow.providerOptions);
  const checked = checkCallback(server.metadata, parameters, { state });
  if (checked.kind === "invalid") return { known: false, ok: false, text: `${checked.text}.` };
  if (checked.kind === "error") {
    const text = `server rejected request: ${checked.error.code}`;
    await endPending(context, mount, fill, { type: "declined", error: checked.error, text });
    const refused = checked.error.code === "access_denied";
    return { known: true, ok: false, text: refused ? "You refused the login. Nothing was stored." : `The ${text}.` };
  }
  return told(await exchange(context, mount, server, flow, fill, checked.code), context, mount, fill);
}

function exchange(
  context: Context,
  mount: string,
  server: ResolvedServer,
  flow: StoredFlow["flow"],
  fill: Fill,
  code: string,
): Promise<Redeemed> {
  const grant = grantOf(flow.server, { ...flow, maximumExpirySeconds: fill.maximumExpirySeconds });
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
    send: (client, call) =>
      authorizationCodeRequest(server.metadata, client, { code, redirectUri, codeVerifier }, call),
    secrets: [code, codeVerifier],
  });
}

async function told(redeemed: Redeemed, context: Context, mount: string, fill: Fill): Promise<CallbackResult> {
  switch (redeemed.kind) {
    case "stored":
      return { known: true, ok: true, text: "The program that asked has its login now." };
    case "superseded":
      return { known: true, ok: false, text: "Somebody replaced or removed this login meanwhile. Nothing was stored." };
    case "identity-refused":
      await endPending(context, mount, fill, { type: "identity-refused", text: redeemed.text });
      return { known: true, ok: false, text: `The server's answer could not be trusted: ${redeemed.text}.` };
    case "refused": {
      const { outcome, text } = redeemed.told;
      if (outcome.kind !== "tokens") {
        await endPending(context, mount, fill, { type: "refused", outcome, text, doubt: false });
      }
      return { known: true, ok: false, text: `The login did not work: ${text}.` };
    }
    default:
      return redeemed satisfies never;
  }
}

/** Only a credential that waits for this very link ends with it; one that is in use stays. */
async function endPending(context: Context, mount: string, fill: Fill, event: Event): Promise<void> {
  const row = await context.store.readById(fill.target);
  if (row?.kind !== "creds") return;
  const state = openCredential(context, row);
  if (state.status !== "pending") return;
  const content = after(context, row, state, { kind: "callback", event });
  const settings = await settingsOf(context, mount);
  await context.store.write(credentialRow(context, row, content, settings), { id: row.id, revision: row.revision });
}
