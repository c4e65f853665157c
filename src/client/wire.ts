/**
 * What this library sends and reads of the session API, written out: installed alone it brings its types without any other
 * package. A test holds every one of them to its schema in api/session.ts, where the fields are described.
 */

export type SessionStatus = "pending" | "active" | "denied" | "expired" | "failed";

export interface SessionParameters {
  server?: string;
  /** A list, or one string with spaces or commas. */
  scopes?: string[];
  /** Name of the program, shown to the person; at most 100 characters. */
  label?: string;
  /** `page`: always the broker's own page. */
  flow?: string;
  /** Options of the provider. */
  options?: Record<string, string>;
  /** Only a login of this account is handed out: its subject, user name, or verified e-mail. */
  expected_account?: string;
  /** Seconds: no token counts longer. */
  maximum_expiry_seconds?: number;
  /** Tools of an MCP server that the session may list and call: names, with `*` and `?`; empty = all. */
  allow_tools?: string[];
  /** Tools that it may not, whatever is allowed. */
  deny_tools?: string[];
  /** A secret of the program, 32 to 128 characters: joins a pending login of the same server, scopes, label and secret. */
  coalesce?: string;
}

/** Of a pending login: what a person needs. */
export interface PromptData {
  user_code?: string;
  verification_uri?: string;
  verification_uri_complete?: string;
  /** Flow `code`: where the browser comes back to, on the broker's own machine. */
  redirect_uri?: string;
  /** The page is not on one of the provider's hosts: show this warning and do not open the page automatically. */
  verification_warning?: string;
  /** Seconds until the login expires. */
  expires_in?: number;
  /** Seconds to wait before asking again. */
  interval?: number;
}

export interface SessionStarted extends PromptData {
  /** The secret. */
  session_id: string;
  /** Identifies the session to operators; not a secret. */
  id: string;
  status: SessionStatus;
  /** Of a pending login: at the provider's device page, at the broker's, or by the provider's authorization page. */
  flow?: "device" | "page" | "code";
  /** The reason: what the provider supports, or who chose the flow. */
  flow_reason?: "device_grant" | "no_device_grant" | "operator" | "program";
  server: string;
  /** The API server that it is for (MCP, Matrix), by its URL or name. */
  api_server?: string;
  /** What its tokens are for (RFC 8707). */
  resource?: string;
  scopes: string[];
  label?: string;
  user_code: string;
  verification_uri: string;
  expires_in: number;
  interval: number;
  /** A login that was pending already. */
  joined?: boolean;
  /** What was asked and nobody reads. */
  warnings?: string[];
}

/** Who signed in. */
export interface SessionAccount {
  subject: string;
  issuer: string;
  /** For people. */
  name?: string;
}

export interface SessionData extends PromptData {
  /** Identifies the session to operators; not a secret. */
  id: string;
  status: SessionStatus;
  /** Of a pending login: at the provider's device page, at the broker's, or by the provider's authorization page. */
  flow?: "device" | "page" | "code";
  /** The reason: what the provider supports, or who chose the flow. */
  flow_reason?: "device_grant" | "no_device_grant" | "operator" | "program";
  server: string;
  /** The API server that it is for (MCP, Matrix), by its URL or name. */
  api_server?: string;
  /** What its tokens are for (RFC 8707). */
  resource?: string;
  /** As asked for. */
  scopes: string[];
  granted_scopes?: string[];
  label?: string;
  account?: SessionAccount;
  /** Where the account lives (Matrix: homeserver, user_id, device_id, account links). */
  extra_data?: Record<string, unknown>;
  /** Of the access token; RFC 3339. */
  expire_time?: string;
  /** Of the refresh token, if its server says so; a refresh may extend it. */
  refresh_expire_time?: string;
  /** Renewed by itself. */
  refreshable?: boolean;
  /** Why it ended, or what is wrong just now. */
  reason?: string;
  error_description?: string;
  provider_error?: string;
  /** A login that takes the place of the session's once it is approved. */
  login?: RenewalData;
  warnings?: string[];
  /** What `session.fetch("API/…")` reaches. */
  apis?: string[];
  created_time?: string;
  last_used_time?: string;
  idle_expire_time?: string;
  session_expire_time?: string;
}

/** Another login under the same session. */
export interface RenewalData extends PromptData {
  status: SessionStatus;
  /** As asked for. */
  scopes: string[];
  reason?: string;
  error_description?: string;
  provider_error?: string;
}

export interface SessionTokenData {
  access_token: string;
  token_type: string;
  /** Seconds; absent: it does not expire. */
  expires_in?: number;
  expire_time?: string;
  scope?: string;
  /** Only when it was asked for. */
  id_token?: string;
  /** Seconds, of the id_token. */
  id_token_expires_in?: number;
  warnings?: string[];
}

/** Sessions as their operator sees them. */
export interface SessionList {
  sessions: {
    id: string;
    status: SessionStatus;
    server: string;
    scopes: string[];
    label?: string;
    account?: SessionAccount;
    reason?: string;
    address?: string;
    credential: string;
    created_time?: string;
    last_used_time?: string;
    /** The caller's own token began it, or it is of the account that the caller signed in as. */
    yours: boolean;
    /** The caller's token may end it (`DELETE /sessions/ID`). */
    may_end: boolean;
  }[];
  /** Cursor of the next page; absent on the last one. */
  next?: string;
  warnings?: string[];
}
