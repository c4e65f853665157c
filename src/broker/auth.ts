import type { CreatedToken } from "./access.ts";

/** What kind of value a field takes, by Vault's names (vault-http.md 1.5). */
export type FieldType =
  | "String"
  | "LowerCaseString"
  | "Bool"
  | "Int"
  | "DurationSecond"
  | "StringSlice"
  | "CommaStringSlice"
  | "KVPairs"
  | "Map";

export interface Field<T = unknown> {
  readonly type: FieldType;
  readonly about: string;
  readonly fallback: T;
  /** No answer holds it. */
  readonly isSecret?: true;
  /** Of a secret that is sent somewhere: the field beside it that says where. */
  readonly goesTo?: string;
}

export type Fields = Readonly<Record<string, Field>>;

export type Values<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** What was sent, each as its field reads it; what was not sent is not there. */
export type Sent = Readonly<Record<string, unknown>>;

/** A method of logging in, as the HTTP layer sees it: what it is told. */
export interface MethodShape {
  readonly type: string;
  readonly config: Fields;
  /** Of a role, with those that say what its tokens are. */
  readonly role: Fields;
  /** Older names of some of those. */
  readonly formerly: Fields;
  /** What a role is called in paths. */
  readonly noun: "role" | "certs";
  readonly login: Fields;
}

/** Where a method is enabled. Lives are seconds; 0 = the system's. */
export interface AuthMount {
  /** Its row's: another one when it was disabled and enabled again. */
  readonly id: string;
  /** Behind `auth/`. */
  readonly path: string;
  readonly type: string;
  /** By which policies name it. */
  readonly accessor: string;
  readonly uuid: string;
  readonly description: string;
  readonly defaultTtl: number;
  readonly maxTtl: number;
}

export type MountTuning = Partial<Pick<AuthMount, "description" | "defaultTtl" | "maxTtl">>;

/** Who logs in, from where. */
export interface From {
  readonly address: string;
  /** What limits count by. */
  readonly network: string;
  /** Of the connection, which has verified it. */
  readonly certificate?: ClientCertificate;
}

/** A TLS client certificate. */
export interface ClientCertificate {
  readonly commonName: string;
  readonly organizationalUnits: readonly string[];
  readonly serialNumber: string;
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  /** DER, the client's own first. */
  readonly chain: readonly Uint8Array[];
}

/** Use cases of logins. Rejects with `BrokerError`; a read of nothing is undefined, a removal of nothing is done. */
export interface Auth {
  readonly methods: readonly MethodShape[];
  mounts(): Promise<readonly AuthMount[]>;
  mount(path: string): Promise<AuthMount | undefined>;
  enable(path: string, type: string, tuning: MountTuning): Promise<void>;
  tune(mount: AuthMount, tuning: MountTuning): Promise<void>;
  /** With all that was made by it. */
  disable(path: string): Promise<void>;
  config(mount: AuthMount): Promise<Sent | undefined>;
  writeConfig(mount: AuthMount, sent: Sent): Promise<void>;
  roles(mount: AuthMount): Promise<readonly string[]>;
  role(mount: AuthMount, name: string): Promise<Sent | undefined>;
  writeRole(mount: AuthMount, name: string, sent: Sent): Promise<void>;
  removeRole(mount: AuthMount, name: string): Promise<void>;
  /** All that is wrong with it is one refusal, which tells nothing of what. */
  login(path: string, sent: Sent, from: From): Promise<CreatedToken>;
  readonly secretIds: SecretIds;
  readonly people: OidcLogins;
  readonly tokenRoles: TokenRoles;
}

/** Roles of `auth/token`: as what tokens are made, beside those that a login brings. */
export interface TokenRoles {
  readonly fields: Fields;
  /** Older names of some of those. */
  readonly formerly: Fields;
  list(): Promise<readonly string[]>;
  read(name: string): Promise<Sent | undefined>;
  write(name: string, sent: Sent): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface OidcBegin {
  /** Empty: the default one. */
  readonly role: string;
  readonly redirectUri: string;
  /** Whoever finishes the login has to know it; empty: nobody has to. */
  readonly clientNonce: string;
}

export interface OidcBegun {
  readonly url: string;
  /** Of logins that are waited for by `poll`. */
  readonly wait?: { readonly state: string; readonly interval: number; readonly userCode?: string };
}

/** What a browser is shown that has come back. */
export interface OidcReturn {
  readonly state: string;
  readonly confirm: string;
  readonly path: string;
  readonly role: string;
  /** Where the login was begun, and when (epoch milliseconds). */
  readonly address: string;
  readonly createdAt: number;
}

/** Logins of people at an OpenID provider. */
export interface OidcLogins {
  /** Undefined: there is no such role, or it does not lead to that redirect URI. */
  begin(path: string, begin: OidcBegin, from: From): Promise<OidcBegun | undefined>;
  /** Of the program that began it, with the code; or of a browser, whose person is asked first. */
  callback(path: string, parameters: URLSearchParams, from: From): Promise<CreatedToken | OidcReturn>;
  /** The person's word; false: what they answer is none that waits. */
  confirm(path: string, answer: { state: string; confirm: string; allow: boolean }, from: From): Promise<boolean>;
  /** Rejects with `authorization_pending` or `slow_down` as long as nobody has signed in. */
  poll(path: string, poll: { state: string; clientNonce: string }, from: From): Promise<CreatedToken>;
}

/** What is said of a secret id when it is made. */
export interface SecretIdInput {
  /** Empty: a random one. */
  readonly secretId: string;
  /** JSON of a map of texts. */
  readonly metadata: string;
  readonly cidrs: readonly string[];
  readonly tokenCidrs: readonly string[];
  /** Undefined: as the role says; 0 = any number, for ever. */
  readonly uses?: number | undefined;
  readonly ttl?: number | undefined;
}

export interface SecretIdView {
  readonly accessor: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly cidrs: readonly string[];
  readonly tokenCidrs: readonly string[];
  readonly usesLeft: number;
  readonly ttl: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly changedAt: number;
  readonly expiresAt?: number;
}

/** A secret id is named by itself, or by its accessor. */
export type SecretIdName = { readonly secretId: string } | { readonly accessor: string };

/** Of AppRole; `role` is one that is there. */
export interface SecretIds {
  roleId(mount: AuthMount, role: string): Promise<string | undefined>;
  writeRoleId(mount: AuthMount, role: string, roleId: string): Promise<void>;
  make(mount: AuthMount, role: string, input: SecretIdInput): Promise<SecretIdView & { readonly secretId: string }>;
  accessors(mount: AuthMount, role: string): Promise<readonly string[]>;
  find(mount: AuthMount, role: string, name: SecretIdName): Promise<SecretIdView | undefined>;
  remove(mount: AuthMount, role: string, name: SecretIdName): Promise<void>;
}
