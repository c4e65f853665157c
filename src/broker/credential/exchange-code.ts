import { authorizationCodeRequest } from "../../protocol/authorization-code.ts";
import type { Call, Client } from "../../protocol/client.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { findFlow, HOLD_MS, type StoredFlow, wasUsed } from "../record/flow.ts";
import { grantOf } from "../record/grant.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import { requireSameServer } from "../server/resolve-server.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { redeemWrite } from "./redeem-write.ts";

/** Where the parts of a code's redemption come from: the broker's flow, or the caller. */
interface CodeParts {
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly nonce: string;
  readonly flow?: StoredFlow;
}

/** An authorization code that the caller received; with `state` the broker adds what it kept for it. */
export async function exchangeCode(context: Context, write: CredentialWrite): Promise<undefined> {
  const { input } = write;
  if (input.code === "") throw invalid("missing code");
  if (input.refreshToken !== "") throw invalid("cannot use refresh_token with authorization_code grant type");
  if (input.state !== "" && input.codeVerifier !== "") throw invalid("give state or code_verifier, not both");
  const parts = await partsOf(context, write);
  const { flow } = parts;
  const server = flow?.flow.server ?? write.server;
  await consume(context, flow, () => redeemCode(context, { ...write, server }, parts));
}

async function redeemCode(context: Context, write: CredentialWrite, parts: CodeParts): Promise<void> {
  const { input, server } = write;
  const nonce = parts.nonce === "" ? {} : { nonce: parts.nonce };
  await redeemWrite(
    context,
    write,
    {
      kind: "code",
      grant: { ...grantOf(server, input), ...boundBy(parts.flow) },
      prefix: "exchange failed: ",
      ...nonce,
    },
    (resolved) => requestOf(resolved, write, parts),
  );
}

/** A login that was bound when its link was made is finished as it was begun. */
function boundBy(stored: StoredFlow | undefined) {
  const { binding, providerOptions } = stored?.flow ?? {};
  return binding && providerOptions ? { binding, providerOptions } : {};
}

function requestOf(server: ResolvedServer, { input }: CredentialWrite, { flow, ...parts }: CodeParts) {
  if (flow) {
    requireSameServer(flow.flow, server);
    // ISS-02: whoever promises `iss` with every code must have sent one.
    const promised = server.metadata.authorization_response_iss_parameter_supported === true;
    if (promised && input.iss === "") throw invalid("missing iss: this server sends one with every code");
  }
  const redirectUri = parts.redirectUri === "" ? {} : { redirectUri: parts.redirectUri };
  const codeVerifier = parts.codeVerifier === "" ? {} : { codeVerifier: parts.codeVerifier };
  return {
    send: (client: Client, call: Call) =>
      authorizationCodeRequest(server.metadata, client, { code: input.code, ...redirectUri, ...codeVerifier }, call),
    secrets: [input.code, parts.codeVerifier].filter((value) => value !== ""),
  };
}

async function partsOf(context: Context, { mount, input }: CredentialWrite): Promise<CodeParts> {
  const nonce = input.providerOptions.nonce ?? "";
  if (input.state === "") return { redirectUri: input.redirectUrl, codeVerifier: input.codeVerifier, nonce };
  const stored = await findFlow(context, mount, input.state);
  if (!stored || (input.server !== "" && input.server !== stored.flow.server)) {
    throw invalid("unknown or expired state");
  }
  if (input.iss !== "" && input.iss !== stored.flow.issuer) throw invalid("issuer does not match");
  const { redirectUri, verifier } = stored.flow;
  return { redirectUri, codeVerifier: verifier, nonce: stored.flow.nonce ?? nonce, flow: stored };
}

/** OA-16: the flow is held while its code is redeemed, and gone afterwards, unless the code was certainly not used. */
async function consume(context: Context, stored: StoredFlow | undefined, redeem: () => Promise<void>): Promise<void> {
  if (!stored) return redeem();
  const held = await context.store.claim(stored.row.id, { milliseconds: HOLD_MS });
  if (!held || wasUsed(held)) throw invalid("unknown or expired state");
  try {
    await redeem();
  } catch (error) {
    if (error instanceof BrokerError && error.answer === "repeat") {
      await context.store.release(stored.row.id, held.claim, { untouched: true });
      throw error;
    }
    await context.store.remove(stored.row.id);
    throw error;
  }
  await context.store.remove(stored.row.id);
}
