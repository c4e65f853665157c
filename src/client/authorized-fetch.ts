import { scopesWanted } from "./challenge.ts";
import { CoatcheckError } from "./errors.ts";
import { type Answered, canBeSentAgain, followed, urlOf } from "./redirects.ts";
import { type Renewal, type RenewOptions, StepUpError } from "./step-up.ts";
import type { Token, Tokens } from "./tokens.ts";
import { addressBelow, authorization, type Connection } from "./transport.ts";

interface Authorized {
  readonly connection: Connection;
  /** The session. */
  readonly id: string;
  readonly tokens: Tokens;
  readonly renew: (options: RenewOptions) => Promise<Renewal>;
  /** Absent: a program's own addresses decide. */
  readonly origins: readonly (string | URL)[] | undefined;
}

/** `fetch` with a session's token; what it does about a 401, a 403 and a redirect is said at `Session.fetch`. */
export function authorizedFetch({ connection, id, tokens, renew, origins }: Authorized) {
  const told = origins && new Set(origins.map((origin) => new URL(origin).origin));
  const send = (url: URL, init: RequestInit, { tokenType, accessToken }: Token) =>
    followed(connection.fetch, { url, init: withAuthorization(init, `${tokenType} ${accessToken}`) });

  return async (input: string | URL | Request, given: RequestInit = {}): Promise<Response> => {
    const { address, init } = await requestOf(input, given);
    const url = urlOf(address);
    if (!url) return connection.fetch(proxied(connection, address), withAuthorization(init, authorization(id)));
    if (told && !told.has(url.origin)) throw foreign(url);
    const signal = init.signal ? { signal: init.signal } : {};
    const isRepeatable = canBeSentAgain(init.body);
    const token = await tokens.current(signal);
    let answered = await send(url, init, token);
    const again = async (next: Token) => {
      if (!isRepeatable || next.accessToken === token.accessToken) return;
      await answered.response.body?.cancel();
      answered = await send(url, init, next);
    };
    if (isRefused(answered)) await again(await afterRejection(tokens, token, signal));
    const scopes = wantedBy(answered);
    if (!scopes) return answered.response;
    // Somebody may have signed in for more scopes meanwhile.
    tokens.drop();
    await again(await tokens.current(signal));
    const stillWanted = wantedBy(answered);
    if (!stillWanted) return answered.response;
    await answered.response.body?.cancel();
    throw await stepUp(renew, stillWanted, signal);
  };
}

const isRefused = ({ response, hadToken }: Answered) => hadToken && response.status === 401;

function wantedBy({ response, hadToken }: Answered): readonly string[] | undefined {
  return hadToken && response.status === 403 ? scopesWanted(response.headers.get("www-authenticate")) : undefined;
}

/** The token after the broker was told; the same where it has no other. */
function afterRejection(tokens: Tokens, token: Token, signal: { readonly signal?: AbortSignal }): Promise<Token> {
  return tokens.reject(token.accessToken, signal.signal).then(
    () => tokens.current(signal),
    () => token,
  );
}

async function stepUp(
  renew: Authorized["renew"],
  scopes: readonly string[],
  signal: { readonly signal?: AbortSignal },
): Promise<StepUpError> {
  try {
    return new StepUpError(scopes, await renew({ scopes, ...signal }));
  } catch (error) {
    if (!(error instanceof CoatcheckError)) throw error;
    return new StepUpError(scopes, undefined, error);
  }
}

/** The body of a `Request` is read whole, so that it can be sent again. */
async function requestOf(input: string | URL | Request, given: RequestInit) {
  if (!(input instanceof Request)) return { address: String(input), init: given };
  const { method, headers, signal, redirect } = input;
  const body = input.body && given.body === undefined ? { body: await input.arrayBuffer() } : {};
  return { address: input.url, init: { method, headers, signal, redirect, ...body, ...given } };
}

function proxied({ broker }: Connection, address: string): URL {
  const path = address.replace(/^\//, "");
  const [api = ""] = path.split(/[/\\?#]/, 1);
  return addressBelow(broker, `session/proxy/${api}`, path.slice(api.length));
}

function foreign({ origin }: URL): CoatcheckError {
  return new CoatcheckError(
    "invalid_request",
    `this session's token is not for ${origin}: name it in the option origins`,
  );
}

function withAuthorization(init: RequestInit, value: string): RequestInit {
  const headers = new Headers(init.headers);
  headers.set("authorization", value);
  return { ...init, headers };
}
