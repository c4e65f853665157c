import type { Call } from "../client.ts";
import { DiscoveryError } from "../discovery.ts";
import { fetchDocument, textAt } from "./fetch-document.ts";
import type { Ladder } from "./ladder.ts";
import { asBaseUrl, type ServerAddress } from "./server-input.ts";

/** MX-D2. */
const MOST_REDIRECTS = 5;

/** Where the API of a server is (matrix.md MX-D2 … MX-D4). Throws `DiscoveryError`. */
export async function findBaseUrl(ladder: Ladder, input: ServerAddress, call: Call): Promise<string> {
  const baseUrl = input.kind === "url" ? input.baseUrl : await ofName(ladder, input, call);
  if (call.stranger && new URL(baseUrl).pathname !== "/")
    throw new DiscoveryError(`the base URL ${baseUrl} has a path, and this login is a stranger's`, false);
  await requireProbe(ladder, baseUrl, call);
  return baseUrl;
}

async function ofName(ladder: Ladder, { host }: Extract<ServerAddress, { kind: "name" }>, call: Call): Promise<string> {
  const { wellKnown } = ladder;
  const url = `https://${host}${wellKnown.path}`;
  const outcome = await fetchDocument(ladder, "well-known", url, following(call));
  if (outcome.kind === "absent") return `https://${host}`;
  if (outcome.kind === "problem") throw withAdvice(outcome.error);
  const named = textAt(outcome.json, wellKnown.baseUrl);
  if (named === undefined) {
    throw withAdvice(new DiscoveryError(`well-known (GET ${url}) has no ${wellKnown.baseUrl.join(".")}`, false));
  }
  const baseUrl = asBaseUrl(named, call.allowHttp === true);
  if (baseUrl !== undefined) return baseUrl;
  const text = `well-known (GET ${url}): ${wellKnown.baseUrl.join(".")} must be an https URL without query and user information`;
  throw new DiscoveryError(text, false);
}

/** MX-D2: nobody guesses past a document that is there and cannot be used. */
function withAdvice({ message, temporary, retryAfter, cause }: DiscoveryError): DiscoveryError {
  const more = { cause, ...(retryAfter !== undefined && { retryAfter }) };
  return new DiscoveryError(
    `${message}; if this does not change, give the base URL (https://…) instead of the name`,
    temporary,
    more,
  );
}

/** The same call, which follows redirects to its own origin; any other is left for `ask` to refuse. */
function following(call: Call): Call {
  const fetch: Call["fetch"] = async (url, init) => {
    let at = url;
    for (let redirects = 0; ; redirects++) {
      const response = await call.fetch(at, init);
      const next = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
      if (next === null || redirects === MOST_REDIRECTS || !URL.canParse(next, at)) return response;
      const target = new URL(next, at);
      if (call.stranger && !isWellKnown(target)) return response;
      if (target.origin !== new URL(url).origin || target.username !== "" || target.password !== "") return response;
      at = target.href;
    }
  };
  return { ...call, fetch };
}

/** A path that standards give a meaning (RFC 8615), and nothing asked of it. */
function isWellKnown({ pathname, search }: URL): boolean {
  return pathname.startsWith("/.well-known/") && search === "";
}

/** MX-D4: nothing else is read from it; servers understate their version. */
async function requireProbe(ladder: Ladder, baseUrl: string, call: Call): Promise<void> {
  const { noun, probe } = ladder;
  const url = baseUrl + probe.path;
  const outcome = await fetchDocument(ladder, "versions", url, call);
  if (outcome.kind === "json" && Array.isArray(outcome.json[probe.list])) return;
  if (outcome.kind === "problem" && outcome.error.temporary) throw outcome.error;
  const reason =
    outcome.kind === "problem"
      ? outcome.error.message
      : `versions (GET ${url}) answered without a list "${probe.list}"`;
  throw new DiscoveryError(`${baseUrl} is not a ${noun}: ${reason}`, false);
}
