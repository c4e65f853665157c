import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface IdTokens {
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] };
  /** A signed id_token; the claims given win over usual ones. `now` in epoch seconds. */
  make(now: number, claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): string;
  /** From now on it signs with another key, of that id. */
  rotate(kid: string): void;
}

/** RS256, of all servers in this process: most tests want none, and it takes 40 ms to make. */
let pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } | undefined;

function keys() {
  pair ??= generateKeyPairSync("rsa", { modulusLength: 2048 });
  return pair;
}

export function idTokensOf(issuer: string): IdTokens {
  let [own, kid]: [typeof pair, string] = [undefined, "k1"];
  return {
    get jwks() {
      const { publicKey } = own ?? keys();
      return { keys: [{ ...publicKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid }] };
    },
    rotate: (next) => {
      [own, kid] = [generateKeyPairSync("rsa", { modulusLength: 2048 }), next];
    },
    make: (now, claims = {}, header = {}) => {
      const usual = { iss: issuer, aud: "client", sub: "alice", iat: now, exp: now + 300 };
      return jwt((own ?? keys()).privateKey, { alg: "RS256", kid, ...header }, { ...usual, ...claims });
    },
  };
}

function jwt(key: KeyObject, header: object, claims: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}
