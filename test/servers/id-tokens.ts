import { generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";

export interface IdTokens {
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] };
  /** A signed id_token; the claims given win over usual ones. `now` in epoch seconds. */
  make(now: number, claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): string;
}

/** A signing key of the server's own (RS256). */
export async function makeIdTokens(issuer: string): Promise<IdTokens> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "k1" };
  return {
    jwks: { keys: [jwk] },
    make: (now, claims = {}, header = {}) => {
      const usual = { iss: issuer, aud: "client", sub: "alice", iat: now, exp: now + 300 };
      return jwt(privateKey, { alg: "RS256", kid: "k1", ...header }, { ...usual, ...claims });
    },
  };
}

function jwt(key: KeyObject, header: object, claims: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}
