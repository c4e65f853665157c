import type { Capability } from "./table.ts";

/** A client as a server record has it. */
export interface ClientFields {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly client_key?: string;
  readonly client_key_id?: string;
  readonly client_assertion_aud?: "token_endpoint";
  readonly token_endpoint_auth_method?: string;
}

/** A real server that runs, with its clients. */
export interface RealServer {
  readonly version: string;
  readonly provider: "oidc" | "oauth2";
  readonly options: Readonly<Record<string, string>>;
  /** Of a login; with what the server wants before it gives a refresh token. */
  readonly scopes: string;
  /** Those of a login of the device grant, and of the code grant. */
  readonly clients: Readonly<Record<"device" | "code", Partial<Record<"public" | "confidential", ClientFields>>>>;
  /** What a grant or a registration is tried with, where it must be something else. */
  readonly otherwise?: Partial<Record<"device" | "registration", Otherwise>>;
  /** For client credentials, with a secret and with a key. */
  readonly self?: ClientFields;
  readonly keyed?: ClientFields;
  /** What the client with a key is tried with; by default client credentials. */
  readonly keyedGrant?: "code";
  /** Scopes of client credentials. */
  readonly selfScopes?: string;
  /** What a token exchange asks for. */
  readonly exchange?: string;
  /** What it does not have, and why: nothing is tried then. */
  readonly lacks: Partial<Record<Capability, string>>;
  /** Where an access token is answered 200 as long as it is good. */
  readonly userinfo?: string;
  close(): Promise<void>;
}

type Otherwise = Pick<RealServer, "provider" | "options" | "scopes"> & { readonly note: string };

export interface Place {
  /** Temporary; removed afterwards. */
  readonly folder: string;
  /** The broker's redirect URI. */
  readonly callback: string;
  /** Signs the assertions of private_key_jwt: the public half, as a JWK. */
  readonly publicKey: Readonly<Record<string, string>>;
  readonly privateKey: string;
}

/** One row of the table. `start` rejects with `NotHere` where the server cannot be had. */
export interface Candidate {
  readonly name: string;
  start(place: Place): Promise<RealServer>;
}

/** The reason is a clause: "there is no python3 here". */
export class NotHere extends Error {
  override readonly name = "NotHere";
}

/** Who signs in at every server. */
export const PERSON = { name: "octavia", password: "correct-horse-battery-9" } as const;

export const SECRET = "interop-secret-that-protects-nothing";
