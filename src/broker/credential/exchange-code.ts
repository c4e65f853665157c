import { authorizationCodeRequest } from "../../protocol/authorization-code.ts";
import type { Call, Client } from "../../protocol/client.ts";
import type { CredentialInput } from "../broker.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { endsWith, findRequest, HOLD_MS, type StoredRequest, wasUsed } from "../record/authorization-request.ts";
import { grantOf } from "../record/grant.ts";
import { removeLink } from "../record/own-client.ts";
import { openReady } from "../server/operation.ts";
import { type ResolvedServer, requireSameServer } from "../server/resolve-server.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { redeemValue } from "./redeem-value.ts";

/** Where the parts of a code's redemption come from: the broker's own authorization request, or the caller. */
interface CodeParts {
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly nonce: string;
  readonly stored?: StoredRequest;
}

/** An authorization code that the caller received; with `state` the broker adds what it kept for it. */
export async function exchangeCode(context: Context, write: CredentialWrite): Promise<undefined> {
  const { mount, input } = write;
  if (input.code === "") throw invalid("missing code");
  if (input.refreshToken !== "") throw invalid("cannot use refresh_token with authorization_code grant type");
  if (input.state !== "" && input.codeVerifier !== "") throw invalid("give state or code_verifier, not both");
  const parts = await partsOf(context, mount, input);
  // A `state` of ours knows its server, and a login that was bound when its link was made is finished as it was begun.
  const { server = input.server, client, binding, providerOptions, openid } = parts.stored?.request ?? {};
  const where = binding && providerOptions ? { binding, providerOptions } : {};
  const bound = { ...where, ...(client && { client }) };
  // Before the request is held: a server that cannot be looked up now uses up no link.
  const operation = await openReady(context, mount, { ...input, ...bound, server });
  await once(context, parts.stored, async () => {
    requireOwnCode(operation.server, input, parts.stored);
    const leftOut = openid === false && { openid };
    const grant = { ...grantOf(operation.server.name, input), ...bound, ...leftOut };
    const nonce = parts.nonce === "" ? {} : { nonce: parts.nonce };
    const value = { kind: "code", grant, prefix: "exchange failed: ", ...nonce } as const;
    await redeemValue(context, operation, write, value, requestOf(input.code, parts));
  });
}

function requireOwnCode(server: ResolvedServer, input: CredentialInput, stored: StoredRequest | undefined): void {
  if (!stored) return;
  requireSameServer(stored.request, server);
  // ISS-02: whoever promises `iss` with every code must have sent one.
  const promised = server.metadata.authorization_response_iss_parameter_supported === true;
  if (promised && input.iss === "") throw invalid("missing iss: this server sends one with every code");
}

function requestOf(code: string, { redirectUri, codeVerifier }: CodeParts) {
  const value = { code, ...(redirectUri !== "" && { redirectUri }), ...(codeVerifier !== "" && { codeVerifier }) };
  return {
    secrets: [code, codeVerifier].filter((value) => value !== ""),
    request: ({ metadata, provider: { parameters } }: ResolvedServer, client: Client, call: Call) =>
      authorizationCodeRequest(metadata, client, { ...value, parameters }, call),
  };
}

async function partsOf(context: Context, mount: string, input: CredentialInput): Promise<CodeParts> {
  const nonce = input.providerOptions.nonce ?? "";
  if (input.state === "") return { redirectUri: input.redirectUrl, codeVerifier: input.codeVerifier, nonce };
  const stored = await findRequest(context, mount, input.state);
  if (!stored || (input.server !== "" && input.server !== stored.request.server)) {
    throw invalid("unknown or expired state");
  }
  const { redirectUri, verifier, issuer, nonce: own = nonce } = stored.request;
  if (input.iss !== "" && input.iss !== issuer) throw invalid("issuer does not match");
  return { redirectUri, codeVerifier: verifier, nonce: own, stored };
}

/** OA-16: the request is held while its code is redeemed, and gone afterwards, unless the code was certainly not used. */
async function once(context: Context, stored: StoredRequest | undefined, redeem: () => Promise<void>): Promise<void> {
  if (!stored) return redeem();
  const { id } = stored.row;
  const held = await context.store.claim(id, { milliseconds: HOLD_MS });
  if (!held || wasUsed(held)) throw invalid("unknown or expired state");
  try {
    await redeem();
  } catch (error) {
    if (error instanceof BrokerError && (error.kind === "repeat" || error.kind === "wait")) {
      await context.store.release(id, held.claim, { untouched: true });
      throw error;
    }
    await removeLink(context, stored.row.mount, { id }, endsWith(stored));
    throw error;
  }
  await context.store.remove({ id });
}
