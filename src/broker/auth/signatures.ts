import { createPublicKey } from "node:crypto";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import { DiscoveryError } from "../../protocol/discovery.ts";
import { candidateKeys, isSignedBy, type Jws, parseJws } from "../../protocol/identity/jws.ts";
import { checkSignature } from "../../protocol/identity/key-set.ts";
import { isSignatureAlgorithm } from "../../protocol/identity/signature-algorithm.ts";
import type { JsonObject } from "../../protocol/response/json.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { metadataOf } from "../server/metadata-cache.ts";
import type { Claims } from "./claims.ts";
import { LoginRefused } from "./method.ts";

/** Whose signatures are taken: one of the three. */
export interface Signers {
  /** PEM of public keys or certificates. */
  readonly keys: readonly string[];
  readonly jwksUrl: string;
  /** Of OpenID discovery; tokens must be from it. */
  readonly issuer: string;
  /** Empty: any. */
  readonly algorithms: readonly string[];
}

/** One login waits so long for keys. Seconds. */
const LOOK_UP_SECONDS = 8;

/** UTF-16 units: a JWT of a login is a few kilobytes. */
const LONGEST_TOKEN = 16_384;

/** What a token says of itself, before anybody has proved it. Throws `LoginRefused`. */
export function unverified(token: string): Claims {
  return jwsOf(token).claims;
}

function jwsOf(token: string): Jws {
  const jws = token.length > LONGEST_TOKEN ? undefined : parseJws(token);
  if (!jws) throw new LoginRefused("it is no signed JWT");
  return jws;
}

/** The claims of a token that one of them has signed. Throws `LoginRefused`, and `BrokerError` where keys cannot be looked up now. */
export async function verified(context: Context, signers: Signers, token: string): Promise<Claims> {
  const jws = jwsOf(token);
  if (signers.algorithms.length > 0 && !signers.algorithms.includes(jws.algorithm)) {
    throw new LoginRefused("it is signed with an algorithm that is not supported");
  }
  if (signers.issuer !== "" && jws.claims.iss !== signers.issuer)
    throw new LoginRefused("the token is from another issuer");
  if (!(await isSigned(context, signers, jws))) throw new LoginRefused("its signature is not valid");
  return jws.claims;
}

async function isSigned(context: Context, signers: Signers, jws: Jws): Promise<boolean> {
  if (signers.keys.length > 0) return isSignedBy(jws, candidateKeys(jws, signers.keys.map(keyOf)));
  const now = Math.floor(context.clock.now() / 1000);
  const verdict = await within(context, LOOK_UP_SECONDS, async (call) => {
    const server = await serverOf(context, signers, call);
    return server ? checkSignature(server, jws, now, call) : "unknown";
  });
  if (verdict === "unknown") throw notNow();
  return verdict === "valid";
}

function notNow(): BrokerError {
  const text =
    "the keys that these logins are signed with cannot be looked up at the moment: try again in a few seconds";
  return new BrokerError("wait", text, { retryAfter: 5 });
}

/** One object for all who ask, as the key set is kept with it. Undefined: it cannot be reached now. */
async function serverOf(
  context: Context,
  { issuer, jwksUrl }: Signers,
  call: Call,
): Promise<AuthorizationServer | undefined> {
  if (issuer === "") {
    const { keySets } = context.caches;
    const known = keySets.get(jwksUrl) ?? { issuer: jwksUrl, jwks_uri: jwksUrl };
    keySets.set(jwksUrl, known);
    return known;
  }
  try {
    return await metadataOf(context, issuer, call, { openid: true, fresh: false });
  } catch (error) {
    if (error instanceof DiscoveryError) return undefined;
    throw error;
  }
}

function keyOf(pem: string): JsonObject {
  return { ...createPublicKey(pem).export({ format: "jwk" }) };
}

/** Whether keys can be had as it says. Throws `BrokerError`, which says what is wrong. */
export async function checkSigners(context: Context, signers: Signers): Promise<void> {
  const unknown = signers.algorithms.find((one) => !isSignatureAlgorithm(one));
  if (unknown !== undefined) throw invalid(`unsupported algorithm ${unknown.slice(0, 32)}: give RS256, ES256, EdDSA …`);
  for (const pem of signers.keys) {
    try {
      keyOf(pem);
    } catch {
      throw invalid("a key cannot be read: give public keys or certificates in PEM");
    }
  }
  if (signers.issuer === "") return;
  await within(context, LOOK_UP_SECONDS, async (call) => {
    const found = await metadataOf(context, signers.issuer, call, { openid: true, fresh: true }).catch((error) => {
      if (error instanceof DiscoveryError) throw invalid(`error checking oidc_discovery_url: ${error.message}`);
      throw error;
    });
    if (found.jwks_uri === undefined) throw invalid("error checking oidc_discovery_url: its metadata name no jwks_uri");
  });
}
