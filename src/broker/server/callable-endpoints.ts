import type { AuthorizationServer, Reach } from "../../protocol/client.ts";
import { DiscoveryError } from "../../protocol/discovery.ts";
import type { Expanded } from "../../providers/index.ts";
import type { Context } from "../process/context.ts";

/** Of the members of RFC 8414 and OpenID Connect Discovery those that the broker itself calls. */
const CALLED = [
  "token_endpoint",
  "device_authorization_endpoint",
  "revocation_endpoint",
  "registration_endpoint",
  "userinfo_endpoint",
  "jwks_uri",
] as const;

/**
 * FC-41: an endpoint that the address policy forbids is told at the write, not at the first login, whoever named it. Throws
 * `DiscoveryError`.
 */
export async function requireCallable(
  { refusalOf }: Context,
  metadata: AuthorizationServer,
  { endpoints, account, revocationCall }: Partial<Expanded> = {},
  reach?: Reach,
): Promise<void> {
  const own = {
    "refresh endpoint": endpoints?.refresh,
    "account URL": account?.url,
    "revocation URL": revocationCall?.url,
  };
  const named = CALLED.map((member) => [member, metadata[member]] as const);
  for (const [member, url] of [...named, ...Object.entries(own)]) {
    const cause = typeof url === "string" && URL.canParse(url) ? await refusalOf(url, reach) : undefined;
    if (cause) throw new DiscoveryError(`the broker may not call the ${member} ${url}`, false, { cause });
  }
}
