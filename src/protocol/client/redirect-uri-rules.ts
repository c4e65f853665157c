import { uriProblem, type WebUri, webUri } from "./web-uri.ts";

/** RFC 8252 7.3. */
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** What is wrong with a redirect URI of a web or native client (MSC2966), as the end of a sentence; undefined = nothing. */
export function redirectUriProblem(
  uri: string,
  type: "web" | "native",
  client: WebUri | undefined,
): string | undefined {
  if (!URL.canParse(uri) || /[\s\\]/.test(uri)) return "must be an absolute URI";
  if (uri.includes("#")) return "must not have a fragment";
  const url = new URL(uri);
  if (url.protocol === "https:") return onClientHost(uri, client);
  if (type === "web") return "must be https, because application_type is web";
  return url.protocol === "http:" ? loopbackProblem(url) : privateSchemeProblem(uri, url, client);
}

function onClientHost(uri: string, client: WebUri | undefined): string | undefined {
  const problem = uriProblem(uri);
  if (problem !== undefined) return problem;
  const target = webUri(uri);
  if (!target?.hasDomain) return "must have a real domain name";
  return !client || target.isBelow(client)
    ? undefined
    : `must be on the host of client_uri (${client.host}) or a subdomain of it`;
}

/** The port is chosen when the login starts, so none is registered; some servers refuse one. */
function loopbackProblem(url: URL): string | undefined {
  if (!LOOPBACK.has(url.hostname)) return "may be http only for 127.0.0.1, [::1] or localhost";
  if (url.username !== "" || url.password !== "") return "must not have user information";
  return url.port === "" ? undefined : "must not have a port: any port may be used later";
}

/** RFC 8252 7.1: a scheme nobody else owns, one slash, no authority. */
function privateSchemeProblem(uri: string, { protocol }: URL, client: WebUri | undefined): string | undefined {
  const scheme = protocol.slice(0, -1);
  const own = client?.host.split(".").reverse().join(".");
  if (own !== undefined && scheme !== own && !scheme.startsWith(`${own}.`)) {
    return `must have the reversed host of client_uri as its scheme (${own}:/…)`;
  }
  return /^[^:]+:\/(?!\/)/.test(uri) ? undefined : "must have exactly one slash after its scheme";
}

/** RFC 8252 7.3: a loopback address is registered without its port, and any port is good later. */
export function registrable(redirectUri: string): string {
  const url = new URL(redirectUri);
  if (url.protocol !== "http:") return redirectUri;
  url.port = "";
  return url.href;
}
