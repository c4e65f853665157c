import type { Account } from "../access/token.ts";
import type { Credential } from "../credential/index.ts";
import type { ToolPolicy } from "../mcp/tool-policy.ts";
import type { Ends, Session, Status } from "../session/index.ts";
import type { PendingView } from "./errors.ts";
import type { SessionCounts, SessionListQuery, SessionRange, SessionRight } from "./lists.ts";
import type { TokenView } from "./token-view.ts";

export type { SessionListQuery, SessionRange, SessionRight } from "./lists.ts";

/**
 * The use cases of the session API, one verb each, as the HTTP layer sees them. A session is named by its secret (the
 * session id) or, by operators, by its public id. Rejects with `BrokerError`.
 */
export interface Sessions {
  /** Counts what somebody is about to do, before anything of it is read; rejects when it was too often. */
  admit(mount: string, what: Admitted, caller: Caller): Promise<void>;
  start(mount: string, input: SessionInput, caller: Caller): Promise<StartedSession>;
  read(mount: string, secret: string): Promise<SessionView>;
  /** As `read`, but while its login is pending for so many seconds at most, or until the signal aborts. */
  wait(mount: string, secret: string, seconds: number, signal: AbortSignal): Promise<SessionView>;
  /** The session now and at each change, until it has ended or the signal aborts. */
  watch(mount: string, secret: string, signal: AbortSignal): AsyncIterable<SessionView>;
  /** Of a login whose browser could not come back: the address that it was sent to, or its code alone. */
  handIn(mount: string, secret: string, pasted: string): Promise<SessionView>;
  token(mount: string, secret: string, query: TokenQuery): Promise<SessionToken>;
  /** Tells what `token` would answer now to whoever wants no more than the least, if that is known without a question to the store. */
  readyToken(mount: string, secret: string): () => SessionToken | undefined;
  /** Public id of the session of a secret, as far as it is known without a look at the store. */
  idOf(mount: string, secret: string): string | undefined;
  /** An API refused a token, named by its SHA-256 in hex; true when the current one is another by now. */
  reject(mount: string, secret: string, tokenHash: string): Promise<boolean>;
  /** Begins another login, or joins the one that waits; what it has stays in use until the person approves. `scopes`: asked for as well. */
  login(mount: string, secret: string, scopes: readonly string[], caller: Caller): Promise<SessionView>;
  /** Revoked at the provider and gone; answers warnings. */
  end(mount: string, secret: string, revoke: boolean): Promise<readonly string[]>;

  /** Passes a request on to an API of the session's server, with its access token; without a secret it says what it is to that API. */
  forward(mount: string, secret: string | undefined, request: UnreadRequest): Promise<ProxyAnswer>;
  /** Passes a request on to the MCP server of the session (MCP-G1); without a secret of the one person whose broker it is (MCP-G2). */
  gateway(mount: string, secret: string | undefined, request: McpRequest): Promise<ProxyAnswer>;
  list(mount: string, page: SessionListQuery): Promise<SessionPage>;
  /** Undefined when there is no such session, or they may not see or end it. */
  find(mount: string, id: string, isSeen: SessionRight): Promise<ListedSession | undefined>;
  endById(mount: string, id: string, mayEnd: SessionRight): Promise<readonly string[] | undefined>;
  /** Ends all that were started in a range of time; how many. */
  revoke(mount: string, range: SessionRange): Promise<number>;
  /** The broker's own page: a code was typed. Undefined when there is no such login. */
  typedLogin(mount: string, visitor: Visitor, typed: string): Promise<LoginRequest | undefined>;
  decideLogin(mount: string, visitor: Visitor, decision: Decision): Promise<DecisionResult>;
}

/** What strangers may do only so often. */
export type Admitted = "start" | "code typed" | "code decided";

export interface TokenQuery {
  readonly minimumSeconds: number;
  /** The id_token beside it. */
  readonly idToken: boolean;
}

export interface SessionToken extends TokenView {
  readonly idToken?: { readonly text: string; readonly remainingSeconds: number };
}

/** A person's browser, known by a cookie of its own. */
export interface Visitor extends Omit<Caller, "trusted"> {
  readonly browser: string;
}

/** What the person sees before deciding. */
export interface LoginRequest {
  readonly code: string;
  readonly session: Session;
  /** Where whoever may get its tokens has asked from. */
  readonly addresses: readonly string[];
  /** Those of them that are not the person's own. */
  readonly elsewhere: readonly string[];
  /** Bound to this code and this browser; the decision must bring it. */
  readonly token: string;
}

/** What the person chose, with the code and the token of the page that asked. */
export interface Decision {
  readonly code: string;
  readonly token: string;
  readonly allow: boolean;
}

export type DecisionResult =
  | { readonly kind: "unknown" }
  | { readonly kind: "denied" }
  /** To the provider, in this browser and no other. */
  | { readonly kind: "allowed"; readonly url: string };

export interface SessionInput {
  readonly server: string;
  readonly scopes: readonly string[];
  readonly label: string;
  readonly flow: string;
  readonly providerOptions: Readonly<Record<string, string>>;
  readonly coalesce: string;
  /** Of every token; 0 = no limit. */
  readonly maximumExpirySeconds: number;
  /** Only a login of this account counts; empty = of any. */
  readonly expectedAccount: string;
  readonly tools: ToolPolicy;
}

/** Of whom a trusted proxy says what nobody understands. */
export const UNKNOWN_ADDRESS = "unknown";

export interface Caller {
  /** As people read it. */
  readonly address: string;
  /** What its limits count by: an IPv4 address, or the /56 of an IPv6 one. */
  readonly network: string;
  /** It has a token: then it needs no permission of the server, and has no limits of its own. */
  readonly trusted: boolean;
  /** Of that token. */
  readonly accessor?: string;
}

/** The only thing that holds a session's secret. */
export interface StartedSession {
  readonly secret: string;
  readonly view: SessionView;
  /** A login that was pending already. */
  readonly joined: boolean;
}

export interface SessionView {
  readonly id: string;
  readonly session: Session;
  readonly status: Status;
  /** Of a pending login: what the person needs. */
  readonly pending?: PendingView;
  readonly renewal?: RenewalView;
  readonly warnings: readonly string[];
  readonly ends: Ends;
  /** What its provider said beside the token; what only the operator asked for is not in it. */
  readonly extraData: Readonly<Record<string, unknown>>;
  /** Names of what the proxy reaches. */
  readonly apis: readonly string[];
  /** Which API it is for, where its server has several, or says itself what protects it. */
  readonly leadsTo: { readonly api?: string; readonly resource?: string };
}

/** How a login goes that is to take the place of the session's. */
export interface RenewalView {
  readonly scopes: readonly string[];
  readonly status: Status;
  readonly pending?: PendingView;
}

export interface SessionPage {
  /** Of all that there are; undefined while not all of them can be counted. */
  readonly counts?: SessionCounts | undefined;
  readonly sessions: readonly ListedSession[];
  readonly next?: string;
}

export interface ListedSession extends Pick<SessionView, "id" | "session" | "status"> {
  readonly credential: string;
  /** As a `SessionRight` is asked about it. */
  readonly account?: Account;
  /** Of a login that waits, of it or of one that is to take its place: what its person needs. */
  readonly pending?: PendingView;
}

/** A request to be passed on, as it came over the wire. */
export interface ProxyRequest {
  readonly api: string;
  /** Raw path and query behind the API's name. */
  readonly tail: string;
  /** The path up to the API's name, which redirects are put behind. */
  readonly prefix: string;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body?: ProxyBody;
  /** Aborts when the program has left, or has the whole answer. */
  readonly signal: AbortSignal;
}

/** Only `bytes` can be sent twice. */
export type ProxyBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly length: number }
  | { readonly kind: "stream"; readonly bytes: AsyncIterable<Uint8Array>; readonly length?: number };

/** Nothing of a body is read before it is known whose session it is. */
export interface UnreadRequest extends Omit<ProxyRequest, "body"> {
  readBody(): Promise<ProxyBody | undefined>;
}

/** A request to an MCP server, as it came over the wire. */
export interface McpRequest {
  /** The server that its path names. */
  readonly server: string;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Aborts when the caller has left, or has the whole answer. */
  readonly signal: AbortSignal;
  /** Where a person is needed the caller is told so by HTTP, and makes the answers itself. */
  readonly outOfBand: boolean;
  readonly caller: Caller;
  /** Of Coatcheck: what answers in a server's place says so. */
  readonly version: string;
  /** As it came, without the question mark. */
  readonly query: string;
  /** Before anybody has signed in little is read, and counted for whoever sends it. */
  readBody(whose: { readonly isSignedIn: boolean }): Promise<Uint8Array>;
}

export interface ProxyAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** Must be called by whoever does not read the body. */
  cancel(): Promise<void>;
}

/** A session as the use cases find it. */
export interface FoundSession {
  readonly mount: string;
  readonly id: string;
  readonly session: Session;
  /** Name of its credential. */
  readonly name: string;
  readonly state: Credential;
  /** A login that was begun to take the place of that. */
  readonly renewal?: { readonly name: string; readonly scopes: readonly string[]; readonly state: Credential };
}
