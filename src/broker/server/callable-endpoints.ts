import type { AuthorizationServer } from "../../protocol/client.ts";
import { DiscoveryError } from "../../protocol/discovery.ts";
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

/** FC-41: an endpoint that the address policy forbids is told at the write, not at the first login. Throws `DiscoveryError`. */
export async function requireCallable({ refusalOf }: Context, metadata: AuthorizationServer): Promise<void> {
  for (const member of CALLED) {
    const url = metadata[member];
    const cause = typeof url === "string" && URL.canParse(url) ? await refusalOf(url) : undefined;
    if (cause) throw new DiscoveryError(`the broker may not call the ${member} ${url}`, false, { cause });
  }
}
