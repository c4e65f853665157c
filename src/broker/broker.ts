import type { GrantSession, HistoryEntry, Settings } from "../credential/index.ts";
import type { AuthMethod } from "../protocol/client.ts";
import type { PendingView } from "./errors.ts";
import type {
  CredentialCounts,
  CredentialInfo,
  CredentialList,
  FilteredPage,
  FoundCredentials,
  Names,
  Page,
} from "./lists.ts";
import type { TrialStep } from "./server-trial.ts";
import type { Sessions } from "./sessions.ts";
import type { TokenView } from "./token-view.ts";

export type * from "./lists.ts";

export type { TokenView } from "./token-view.ts";

/**
 * The use cases, one verb each, as the HTTP layer sees them. Every name and value has the right type already; the
 * broker checks what they mean. Rejects with `BrokerError`; a read of nothing is undefined, a removal of nothing is done.
 */
export interface Broker {
  /** The mount's settings, or undefined while never written. */
  readConfig(mount: string): Promise<Settings | undefined>;
  writeConfig(mount: string, settings: Settings): Promise<void>;
  deleteConfig(mount: string): Promise<void>;

  /** Answers warnings; a check rejects and answers as the write would, and writes nothing. */
  writeServer(mount: string, name: string, input: ServerInput): Promise<readonly string[]>;
  checkServer(mount: string, name: string, input: ServerInput): Promise<readonly string[]>;
  readServer(mount: string, name: string): Promise<ServerView | undefined>;
  deleteServer(mount: string, name: string): Promise<void>;
  listServers(mount: string, page: Page): Names;
  /** What `writeServer` would change; nothing is written. */
  planServer(mount: string, name: string, input: ServerInput): Promise<ServerPlan>;
  /** Each step of its connection; without a provider of what is stored, or undefined. */
  tryServer(mount: string, name: string, input: ServerInput): Promise<readonly TrialStep[] | undefined>;
  /** What `deleteServer` would leave without a server; undefined where there is none of that name. */
  usesOfServer(mount: string, name: string): Promise<ServerUses | undefined>;

  authorizationCodeUrl(mount: string, input: AuthorizationCodeUrlInput): Promise<AuthorizationLink>;
  /** The browser's way back; never rejects with more than a sentence for a person. */
  receiveCallback(mount: string, back: CameBack): Promise<CallbackResult>;

  /** The pending view of a new device flow, or undefined when there is nothing to say. `by`: the entity of whoever writes it. */
  writeCredential(mount: string, name: string, input: CredentialInput, by?: string): Promise<PendingView | undefined>;
  /** Tells what `readCredential` would answer now whoever wants no more than the least, if that is known without a question to the store. */
  readyToken(mount: string, name: string): () => TokenView | undefined;
  readCredential(mount: string, name: string, minimumSeconds: number): Promise<TokenView | undefined>;
  listCredentials(mount: string, page: Page): Promise<CredentialList>;
  /** Those that a filter lets through, one page of them. */
  findCredentials(mount: string, page: FilteredPage): Promise<FoundCredentials>;
  /** How many have a name that begins so, by state; undefined while not all of them can be counted. */
  countCredentials(mount: string, prefix: string): Promise<CredentialCounts | undefined>;
  /** What it is now and every attempt of its life; undefined when there is no such credential. Nothing is refreshed for it. */
  readHistory(mount: string, name: string): Promise<CredentialHistory | undefined>;
  /** A grant that was called dead is tried once more; rejects when there is none. */
  retryCredential(mount: string, name: string): Promise<void>;
  /** Warnings; none when it is revoked, skipped, or there was nothing to revoke. */
  deleteCredential(mount: string, name: string, revoke: boolean): Promise<readonly string[]>;

  writeSelf(mount: string, name: string, input: SelfInput): Promise<void>;
  readSelf(mount: string, name: string, minimumSeconds: number): Promise<TokenView | undefined>;
  listSelf(mount: string, page: Page): Promise<CredentialList>;
  findSelf(mount: string, page: FilteredPage): Promise<FoundCredentials>;
  countSelf(mount: string, prefix: string): Promise<CredentialCounts | undefined>;
  deleteSelf(mount: string, name: string, revoke: boolean): Promise<readonly string[]>;

  /** Token exchange on top of `creds/<name>`; undefined when that credential does not exist. */
  exchangeToken(mount: string, name: string, input: ExchangeInput): Promise<TokenView | undefined>;

  /** The session API. */
  readonly sessions: Sessions;

  /** Throws when the store cannot be written. */
  check(): Promise<void>;
}

export interface ServerInput {
  readonly provider: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientSecrets: readonly string[];
  readonly tokenEndpointAuthMethod: string;
  readonly clientKey: string;
  readonly clientKeyId: string;
  readonly clientAssertionAlg: string;
  readonly clientAssertionAud: string;
  readonly initialAccessToken: string;
  readonly providerOptions: Readonly<Record<string, string>>;
  readonly authUrlParams: Readonly<Record<string, string>>;
  /** Seconds; 0 = as the mount says. */
  readonly defaultExpirySeconds: number;
  readonly maximumExpirySeconds: number;
  readonly allowSessions: boolean;
  /** Empty, or `page`. */
  readonly sessionFlow: string;
  readonly redirectUri: string;
  readonly proxyApis: Readonly<Record<string, string>>;
  readonly allowTools: readonly string[];
  readonly denyTools: readonly string[];
}

export interface ServerPlan {
  readonly action: "create" | "change" | "same";
  /** What a change is of. */
  readonly changes: readonly (keyof ServerInput)[];
}

export interface ServerUses {
  readonly credentials: number;
  readonly sessions: number;
}

type Secret = "clientSecret" | "clientKey" | "initialAccessToken";
type AssertionField = "clientKeyId" | "clientAssertionAlg" | "clientAssertionAud";

/** What anybody may see of it: no secrets and keys, and not how many there are. */
export interface ServerView extends Omit<ServerInput, Secret | AssertionField | "clientSecrets"> {
  readonly providerVersion: number;
  readonly tokenEndpointAuthMethod: AuthMethod;
  /** No other method is tried; the broker has registered its client; which secrets whoever wrote it has given. */
  readonly authMethodChosen: boolean;
  readonly registered: boolean;
  readonly secrets: readonly Secret[];
  readonly warnings: readonly string[];
  /** The last request of this process that got no answer there, and when it answered again; epoch milliseconds. */
  readonly lastTrouble?: { readonly at: number; readonly text: string; readonly answeredAt?: number };
}

export interface AuthorizationCodeUrlInput {
  readonly server: string;
  readonly redirectUrl: string;
  readonly scopes: readonly string[];
  readonly state: string;
  readonly authUrlParams: Readonly<Record<string, string>>;
  readonly providerOptions: Readonly<Record<string, string>>;
  readonly name: string;
  readonly pkce: string;
  readonly codeChallenge: string;
  readonly maximumExpirySeconds: number;
  /** With `name`: SHA-256 (hex) of the cookie of the only browser that may come back. */
  readonly browser?: string;
  /** With `name`: a redirect URI of this machine, instead of the broker's own callback. */
  readonly comesBackTo?: string;
  /** No later than this, epoch milliseconds. */
  readonly until?: number;
  readonly session?: GrantSession;
  /** The network of whoever asks without a token. */
  readonly network?: string;
}

export interface AuthorizationLink {
  readonly url: string;
  /** Only when the caller sent none. */
  readonly state?: string;
  readonly expiresAt?: number;
}

/** How a browser came back from an authorization server. */
export interface CameBack {
  readonly parameters: URLSearchParams;
  /** The value of its cookie; nothing where it has none. */
  readonly browser?: string;
  /** What stood in the address for an issuer, if it was the callback of one alone. */
  readonly issuer?: string;
}

export interface CallbackResult {
  readonly ok: boolean;
  /** One sentence for the person, without code, state or token. */
  readonly text: string;
  /** 200 after a finished login or an honest refusal, 400 when the link is not ours. */
  readonly known: boolean;
  /** The code was certainly not used, so the same way back may be gone once more. */
  readonly again?: true;
}

export interface CredentialInput {
  readonly server: string;
  /** Empty = derived from the other fields. */
  readonly grantType: string;
  readonly code: string;
  readonly redirectUrl: string;
  readonly state: string;
  readonly codeVerifier: string;
  readonly iss: string;
  readonly refreshToken: string;
  readonly deviceCode: string;
  readonly scopes: readonly string[];
  /** Seconds; only with the caller's own device code. */
  readonly interval: number;
  readonly expiresIn: number;
  readonly maximumExpirySeconds: number;
  readonly providerOptions: Readonly<Record<string, string>>;
}

export interface SelfInput
  extends Pick<CredentialInput, "server" | "scopes" | "maximumExpirySeconds" | "providerOptions"> {
  readonly tokenUrlParams: Readonly<Record<string, string>>;
}

export interface ExchangeInput {
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly resources: readonly string[];
  readonly minimumSeconds: number;
}

/** What an operator may see of one, never a token. */
export interface CredentialState extends CredentialInfo {
  readonly text?: string;
  readonly providerError?: string;
  readonly issuedAt?: number;
  readonly scopes?: readonly string[];
  /** Of an issued one: a refresh can bring another token. */
  readonly refreshable?: boolean;
  readonly refreshEndsAt?: number;
  /** Its grant was called dead, and what is left of it can be tried once more. */
  readonly retryable?: true;
  /** What a person needs who is to finish the login. */
  readonly pending?: PendingView;
  readonly next?: { readonly task: string; readonly at: number };
}

export interface CredentialHistory {
  readonly credential: CredentialState;
  /** Oldest first. */
  readonly attempts: readonly HistoryEntry[];
}
