import { CoatcheckError } from "./errors.ts";
import { type ReadyOptions, waitUntilReady } from "./ready.ts";
import { createTokens, type RejectedToken, type Token, type TokenOptions } from "./tokens.ts";
import { addressBelow, authorization, type Connection, type ConnectionOptions, call, connect } from "./transport.ts";
import type { SessionData } from "./wire.ts";

export interface LogoutOptions {
  /** False: the grant is left to its provider, for a login whose place another one took. Some revoke both at once. */
  readonly revoke?: boolean;
  readonly signal?: AbortSignal;
}

/** A session: what a program holds instead of tokens. Made by `login` or `resume`. */
export interface Session {
  /** The ticket. Whoever has it gets tokens: keep it as you would keep a password. */
  readonly id: string;
  /** How the login or the session is going; with `wait` (seconds) the answer comes when something changes. */
  status(options?: { readonly wait?: number; readonly signal?: AbortSignal }): Promise<SessionData>;
  /** Waits until the person has decided. Throws `access_denied`, `expired_token` or what else ended the login. */
  ready(options?: ReadyOptions): Promise<SessionData>;
  /** Hands in the address that a browser on another machine was sent back to. Throws where it is none of this login. */
  handIn(url: string, options?: { readonly signal?: AbortSignal }): Promise<SessionData>;
  /** A current access token. It is kept until shortly before its expiry; callers at the same time share one request. */
  token(options?: TokenOptions): Promise<string>;
  /** The same with type, remaining life and scopes; with `idToken` who signed in, as a signed JWT. */
  tokenDetails(options?: TokenOptions): Promise<Token>;
  /** Says that an API answered 401 to the token: the broker refreshes it once, if it is still the current one. */
  rejected(token: RejectedToken, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * A request with the session's token. An address without scheme, `API/PATH`, goes through the broker's proxy to an API
   * that its operator listed: then the token never leaves the broker. After a 401 it is tried once more with a new token.
   */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /**
   * Revokes the grant at the provider and ends the session; a session that is gone already is no error. Afterwards no token
   * is handed out, not even the one that was kept. Answers what is still open at the provider, one sentence each.
   */
  logout(options?: LogoutOptions): Promise<readonly string[]>;
}

/** A session that was kept: no request is made until something is asked of it. */
export function resume(id: string, options: ConnectionOptions): Session {
  const connection = connect(options);
  const tokens = createTokens(connection, id);
  const status: Session["status"] = ({ wait, signal } = {}) =>
    call(connection, {
      method: "GET",
      path: "session",
      bearer: id,
      ...(wait !== undefined && { query: { wait }, timeout: (wait + 15) * 1_000 }),
      ...(signal && { signal }),
    });
  return {
    id,
    status,
    ready: (ready) => waitUntilReady(status, ready),
    handIn: (url, { signal } = {}) =>
      call(connection, {
        method: "POST",
        path: "session/callback",
        bearer: id,
        body: { url },
        ...(signal && { signal }),
      }),
    token: async (asked) => (await tokens.current(asked)).accessToken,
    tokenDetails: (asked) => tokens.current(asked),
    rejected: (token, asked) => tokens.reject(token, asked?.signal),
    fetch: (url, init) => fetchWith(connection, id, tokens, url, init),
    logout: async (asked) => {
      const open = await logout(connection, id, asked);
      tokens.forget();
      return open;
    },
  };
}

async function logout(
  connection: Connection,
  bearer: string,
  { revoke, signal }: LogoutOptions = {},
): Promise<readonly string[]> {
  const ended = { method: "DELETE", path: "session", bearer, query: { revoke }, ...(signal && { signal }) } as const;
  try {
    return (await call<{ warnings: string[] } | undefined>(connection, ended))?.warnings ?? [];
  } catch (error) {
    if (error instanceof CoatcheckError && error.status === 401) return [];
    throw error;
  }
}

async function fetchWith(
  connection: Connection,
  id: string,
  tokens: ReturnType<typeof createTokens>,
  url: string | URL,
  init: RequestInit = {},
): Promise<Response> {
  const signal = init.signal ? { signal: init.signal } : {};
  if (typeof url === "string" && !URL.canParse(url)) {
    const path = url.replace(/^\//, "");
    const [api = ""] = path.split(/[/\\?#]/, 1);
    const proxied = addressBelow(connection.broker, `session/proxy/${api}`, path.slice(api.length));
    return connection.fetch(proxied, { ...init, headers: withAuthorization(init.headers, authorization(id)) });
  }
  const token = await tokens.current(signal);
  const response = await connection.fetch(url, { ...init, headers: withAuthorization(init.headers, bearer(token)) });
  if (response.status !== 401 || init.body instanceof ReadableStream) return response;
  const next = await tokens.reject(token.accessToken, init.signal ?? undefined).then(
    () => tokens.current(signal),
    () => token,
  );
  if (next.accessToken === token.accessToken) return response;
  await response.body?.cancel();
  return connection.fetch(url, { ...init, headers: withAuthorization(init.headers, bearer(next)) });
}

function bearer({ tokenType, accessToken }: Token): string {
  return `${tokenType} ${accessToken}`;
}

function withAuthorization(headers: RequestInit["headers"], value: string): Headers {
  const all = new Headers(headers);
  all.set("authorization", value);
  return all;
}
