import type { Found, LeftBehind } from "./found.ts";
import { addCommand, providerAt } from "./git-hosts.ts";

/**
 * GitHub's command line, by its hosts.yml: a host is a line of its own, what belongs to it is indented. Its tokens have no
 * refresh token and belong to GitHub's own application, so they can be used on but never renewed, nor revoked by anybody else.
 */
export function fromGh(hosts: string): Found {
  const left: LeftBehind[] = [];
  let host: string | undefined;
  for (const line of hosts.split(/\r?\n/)) {
    const [, name] = /^(?:"|')?([A-Za-z0-9.-]+)(?:"|')?:\s*$/.exec(line) ?? [];
    if (name !== undefined) host = name;
    const [, user] = /^\s+user:\s*["']?([A-Za-z0-9-]+)/.exec(line) ?? [];
    if (host !== undefined && user !== undefined) left.push(leftLogin(host, user));
  }
  return { servers: [], logins: [], left };
}

function leftLogin(host: string, user: string): LeftBehind {
  const ownHost = { name: host, record: { provider: "github", provider_options: { base_url: `https://${host}` } } };
  return {
    what: `login of ${user} at ${host}`,
    why: "gh's token has no refresh token, and its application is GitHub's: register one of your own, then sign in with it",
    next: addCommand(providerAt(host) ?? ownHost),
  };
}
