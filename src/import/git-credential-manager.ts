import type { Found } from "./found.ts";
import { serversOf } from "./git-hosts.ts";

const KEYS = {
  authorization: "oauthauthorizeendpoint",
  token: "oauthtokenendpoint",
  device: "oauthdeviceendpoint",
  authHeader: "oauthuseclientauthheader",
} as const;

/** Git Credential Manager (docs/generic-oauth.md there): clients are in git's configuration, tokens in the system's own store, for GCM alone. */
export function fromGitCredentialManager(listed: string): Found {
  const { servers, left } = serversOf(listed, KEYS);
  const logins = servers.map(({ name }) => ({
    what: `login at ${name}`,
    why: "its tokens are in the system's store, which shows them to Git Credential Manager: sign in",
    next: ["coatcheck", "login", name],
  }));
  return { servers, logins: [], left: [...left, ...logins] };
}
