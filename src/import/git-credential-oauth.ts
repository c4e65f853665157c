import { type Found, SourceError } from "./found.ts";
import { addCommand, providerAt, serversOf } from "./git-hosts.ts";

const KEYS = { authorization: "oauthauthurl", token: "oauthtokenurl", device: "oauthdeviceauthurl" } as const;

/**
 * git-credential-oauth: clients are in git's configuration, tokens in another helper, from which `git credential fill` gets
 * them. `filled` is that output, for one host.
 */
export function fromGitCredentialOauth(listed: string, filled?: string): Found {
  const found = serversOf(listed, KEYS);
  if (filled === undefined) return found;
  const lines = new Map(filled.split("\n").map((line) => [line.split("=", 1)[0], line.replace(/^[^=]*=/, "").trim()]));
  const host = lines.get("host");
  if (!host) throw new SourceError("what came in (the output of git credential fill) names no host");
  const refreshToken = lines.get("oauth_refresh_token");
  const server = found.servers.find(({ name }) => name === (providerAt(host)?.name ?? host));
  if (server && refreshToken) {
    return { servers: [server], logins: [{ name: server.name, server: server.name, refreshToken }], left: [] };
  }
  const why = refreshToken
    ? "its refresh token belongs to the client that git-credential-oauth brings along, which is not yours: register one, and sign in"
    : "git has no refresh token for it, and an access token cannot be renewed: sign in";
  const unknown = { name: host, record: { provider: "custom", provider_options: { token_url: "URL" } } };
  const next = server ? ["coatcheck", "login", server.name] : addCommand(providerAt(host) ?? unknown);
  return { servers: server ? [server] : [], logins: [], left: [{ what: `login at ${host}`, why, next }] };
}
