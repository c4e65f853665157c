import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface IdTokens {
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] };
  /** A signed id_token; the claims given win over usual ones. `now` in epoch seconds. */
  make(now: number, claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): string;
}

/** RS256, of all servers in this process: most tests want none, and it takes 40 ms to make. */
let pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } | undefined;

function keys() {
  pair ??= generateKeyPairSync("rsa", { modulusLength: 2048 });
  return pair;
}

export function idTokensOf(issuer: string): IdTokens {
  return {
    get jwks() {
      return { keys: [{ ...keys().publicKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "k1" }] };
    },
    make: (now, claims = {}, header = {}) => {
      const usual = { iss: issuer, aud: "client", sub: "alice", iat: now, exp: now + 300 };
      return jwt(keys().privateKey, { alg: "RS256", kid: "k1", ...header }, { ...usual, ...claims });
    },
  };
}

function jwt(key: KeyObject, header: object, claims: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}
