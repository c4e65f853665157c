import { CoatcheckError } from "./errors.ts";
import { abortable, type Moment, moment, pause, secondsSince } from "./time.ts";
import { type Connection, call } from "./transport.ts";
import type { SessionTokenData } from "./wire.ts";

/** An access token as it is now. */
export interface Token {
  readonly accessToken: string;
  /** `Bearer`, or what the provider says. */
  readonly tokenType: string;
  /** Seconds left; absent: it does not expire. */
  readonly expiresIn?: number;
  readonly scopes?: readonly string[];
  /** Who signed in, as a signed JWT; where it was asked for. */
  readonly idToken?: string;
  /** Seconds the id_token has left. */
  readonly idTokenExpiresIn?: number;
}

export interface TokenOptions {
  /** Seconds the token must live on; without it whatever the broker would use itself. */
  readonly minValid?: number;
  /** Also return the login's id_token, valid for at least as long. */
  readonly idToken?: boolean;
  readonly signal?: AbortSignal;
}

/** The token, or its SHA-256 in hexadecimal digits where only that is known. */
export type RejectedToken = string | { readonly sha256: string };

/** A kept token is asked for again at this many seconds of life left, or at a quarter of its life. */
const MARGIN_S = 60;

/** A refresh that is under way is waited for as long, all in all. Milliseconds. */
const PATIENCE_MS = 10_000;

interface KeptToken {
  readonly answer: SessionTokenData;
  readonly at: Moment;
}

/** Asks for tokens, keeps the last one, and makes one request for all who ask at the same time. */
export function createTokens(connection: Connection, bearer: string) {
  let kept: KeptToken | undefined;
  let loggedOut = false;
  const flights = new Map<string, Promise<Token>>();

  const fetchToken = async (query: TokenQuery): Promise<Token> => {
    const fetched = await askForToken(connection, bearer, query);
    if (loggedOut) throw noSession();
    kept = fetched;
    return tokenOf(fetched);
  };

  return {
    async current({ minValid, idToken = false, signal }: TokenOptions = {}): Promise<Token> {
      signal?.throwIfAborted();
      if (loggedOut) throw noSession();
      if (kept && isGood(kept, { minValid, idToken })) return tokenOf(kept);
      const key = `${minValid} ${idToken}`;
      let flight = flights.get(key);
      if (!flight) {
        flight = fetchToken({ minValid, idToken }).finally(() => flights.delete(key));
        flights.set(key, flight);
      }
      return abortable(flight, signal);
    },
    reject: async (token: RejectedToken, signal?: AbortSignal): Promise<void> => {
      const token_sha256 = typeof token === "string" ? await sha256(token) : token.sha256;
      if (kept && (await sha256(kept.answer.access_token)) === token_sha256) kept = undefined;
      await reportRejected(connection, bearer, token_sha256, signal);
    },
    /** A login was renewed, here or elsewhere: what was kept may be of the one before. */
    drop: (): void => {
      kept = undefined;
    },
    /** The session was ended: nobody gets a token of it any more, nor is the broker asked for one. */
    forget: (): void => {
      [loggedOut, kept] = [true, undefined];
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;

interface TokenQuery {
  readonly minValid: number | undefined;
  readonly idToken: boolean;
}

async function reportRejected(connection: Connection, bearer: string, token_sha256: string, signal?: AbortSignal) {
  const body = { token_sha256 };
  await call(connection, { method: "POST", path: "session/rejected", bearer, body, ...(signal && { signal }) });
}

async function askForToken(
  connection: Connection,
  bearer: string,
  { minValid, idToken }: TokenQuery,
): Promise<KeptToken> {
  const query = { min_valid: minValid, id_token: idToken || undefined };
  const at = moment();
  const answer = await patiently(() =>
    call<SessionTokenData>(connection, { method: "GET", path: "session/token", bearer, query }),
  );
  return { answer, at };
}

function noSession(): CoatcheckError {
  return new CoatcheckError("invalid_session", "this session was signed out");
}

function isGood({ answer, at }: KeptToken, { minValid, idToken }: TokenQuery): boolean {
  const lives = [answer.expires_in, ...(idToken ? [answer.id_token_expires_in ?? 0] : [])];
  return lives.every((life) => lifeLeft(life, at) > (minValid ?? margin(life)));
}

/** Seconds, of something that had so many then. */
function lifeLeft(life: number | undefined, at: Moment): number {
  return (life ?? Number.POSITIVE_INFINITY) - secondsSince(at);
}

function margin(life = 0): number {
  return Math.min(MARGIN_S, life / 4);
}

function tokenOf({ answer, at }: KeptToken): Token {
  const { access_token, token_type, expires_in, scope, id_token, id_token_expires_in } = answer;
  const left = (life: number) => Math.max(0, Math.floor(lifeLeft(life, at)));
  return {
    accessToken: access_token,
    tokenType: token_type,
    ...(expires_in !== undefined && { expiresIn: left(expires_in) }),
    ...(scope !== undefined && { scopes: scope.split(" ").filter((one) => one !== "") }),
    ...(id_token !== undefined && { idToken: id_token }),
    ...(id_token_expires_in !== undefined && { idTokenExpiresIn: left(id_token_expires_in) }),
  };
}

/** A login that waits for a person is not worth waiting for here; a refresh under way is. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const start = moment();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CoatcheckError) || error.code !== "refresh_in_progress") throw error;
      const wait = (error.retryAfter ?? 1) * 1_000;
      if (secondsSince(start) * 1_000 + wait > PATIENCE_MS) throw error;
      await pause(wait);
    }
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
