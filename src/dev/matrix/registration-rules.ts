import type { ErrorCode, RegistrationRules } from "./profile.ts";
import { Refusal } from "./refusal.ts";

type Members = Readonly<Record<string, unknown>>;

const CODE_FLOW = ["authorization_code", "refresh_token"];
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** What is wrong with a client's metadata (RFC 7591, MSC2966, and this server's own rules). */
export function registrationProblem(metadata: Members, rules: RegistrationRules): Refusal | undefined {
  const uri = urlOf(metadata.client_uri);
  if (uri?.protocol !== "https:" || uri.username !== "" || uri.password !== "") {
    return badMetadata("client_uri must be an https URL without user information");
  }
  if (rules.refusedHosts?.test(uri.hostname)) return badMetadata("this host is not accepted in client_uri");
  const redirects = Array.isArray(metadata.redirect_uris) ? metadata.redirect_uris.map(String) : [];
  if (rules.codeFlowRequired && !hasCodeFlow(metadata, redirects))
    return badMetadata("the code flow must be registered");
  return linkProblem(metadata, uri, rules) ?? first(redirects, (one) => redirectProblem(one, uri, metadata, rules));
}

function hasCodeFlow({ grant_types, response_types }: Members, redirects: readonly string[]): boolean {
  const grants = Array.isArray(grant_types) ? grant_types : CODE_FLOW;
  const types = Array.isArray(response_types) ? response_types : ["code"];
  return redirects.length > 0 && types.includes("code") && CODE_FLOW.every((grant) => grants.includes(grant));
}

/** `logo_uri`, `tos_uri` and `policy_uri`, in every language. */
function linkProblem(metadata: Members, client: URL, rules: RegistrationRules): Refusal | undefined {
  const links = Object.entries(metadata).filter(([name]) => /^(client|logo|tos|policy)_uri(#|$)/.test(name));
  return first(links, ([name, value]) => {
    const url = urlOf(value);
    if (url?.protocol !== "https:" || !isBelow(url, client))
      return badMetadata(`${name} must be https, on client_uri's host`);
    if (rules.refusedInPaths?.test(url.pathname)) return badMetadata(`${name} has a character that is not accepted`);
    return undefined;
  });
}

function redirectProblem(
  redirect: string,
  client: URL,
  { application_type }: Members,
  rules: RegistrationRules,
): Refusal | undefined {
  const url = urlOf(redirect);
  if (!url || redirect.includes("#")) return badRedirect("a redirect URI is a URL without fragment");
  if (url.protocol === "https:") {
    const own = isBelow(url, client) && url.hostname !== "localhost";
    return own ? undefined : badRedirect("an https redirect URI is on client_uri's host");
  }
  if (application_type !== "native") return badRedirect("a web client's redirect URIs are https");
  if (url.protocol === "http:") {
    if (!LOOPBACK.has(url.hostname)) return badRedirect("an http redirect URI is on the loopback interface");
    const ported = url.port !== "" && !rules.loopbackPort;
    return ported ? badRedirect("a loopback redirect URI names no port") : undefined;
  }
  const reversed = client.hostname.split(".").reverse().join(".");
  const own = url.protocol.startsWith(reversed) && !redirect.includes("://");
  const slash = !rules.privateSchemeSlash || url.pathname.startsWith("/");
  return own && slash ? undefined : badRedirect("a private scheme is client_uri's host reversed, without authority");
}

function isBelow({ hostname }: URL, client: URL): boolean {
  return hostname === client.hostname || hostname.endsWith(`.${client.hostname}`);
}

function urlOf(value: unknown): URL | undefined {
  return typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
}

function first<T>(values: readonly T[], problem: (value: T) => Refusal | undefined): Refusal | undefined {
  for (const value of values) {
    const found = problem(value);
    if (found) return found;
  }
  return undefined;
}

function badMetadata(description: string, code: ErrorCode = "invalid_client_metadata"): Refusal {
  return new Refusal(code, description);
}

function badRedirect(description: string): Refusal {
  return badMetadata(description, "invalid_redirect_uri");
}
