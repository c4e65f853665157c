import { authorizedFetch } from "./authorized-fetch.ts";
import { CoatcheckError } from "./errors.ts";
import { type ReadyOptions, waitUntilReady } from "./ready.ts";
import { createRenewal, type Renewal, type RenewOptions } from "./step-up.ts";
import { createTokens, type RejectedToken, type Token, type TokenOptions } from "./tokens.ts";
import { type Connection, type ConnectionOptions, call, connect } from "./transport.ts";
import type { SessionData } from "./wire.ts";

export interface SessionOptions extends ConnectionOptions {
  /**
   * The only origins that `session.fetch` sends the token to, such as `https://mcp.example.com`; any other is an error before
   * anything is sent. Without it a program's own addresses decide.
   */
  readonly origins?: readonly (string | URL)[];
}

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
   * `fetch` with the session's token, to be given to whatever takes one; both bodies may be streams. After a 401 the token is
   * reported and the request sent once more with a new one, if its body can be sent again. A 403 that asks for more scopes
   * (`insufficient_scope`) throws `StepUpError`, which has a login for them. A redirect never takes the token to another
   * origin. An address without scheme, `API/PATH`, goes through the broker's proxy to an API that its operator listed: then
   * the token never leaves the broker.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * Begins another login under this session, or joins the one that waits: for a grant that has ended, or for more scopes. The
   * present grant stays in use until a person has approved.
   */
  renew(options?: RenewOptions): Promise<Renewal>;
  /**
   * Revokes the grant at the provider and ends the session; a session that is gone already is no error. Afterwards no token
   * is handed out, not even the one that was kept. Answers what is still open at the provider, one sentence each.
   */
  logout(options?: LogoutOptions): Promise<readonly string[]>;
}

/** A session that was kept: no request is made until something is asked of it. */
export function resume(id: string, options: SessionOptions): Session {
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
  const renew = createRenewal(connection, id, { status, renewed: tokens.drop });
  return {
    id,
    status,
    renew,
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
    fetch: authorizedFetch({ connection, id, tokens, renew, origins: options.origins }),
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
