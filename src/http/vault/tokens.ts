import type { Principal } from "../../access/authenticator.ts";
import { TokenLookupData } from "../../api/index.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { requirePrincipal, tokenOf } from "../gate/guard.ts";
import { refuseOthers } from "../gate/methods.ts";

/** `auth/token/lookup-self` (vault-http.md section 5). */
export function tokens(app: VaultApp, deps: Deps): void {
  const url = "/v1/auth/token/lookup-self";
  app.route({
    method: ["GET", "POST", "PUT"],
    url,
    schema: describe({
      tag: "auth",
      summary: "Read the caller's own token",
      querystring: NoParameters,
      data: TokenLookupData,
    }),
    handler: async (request, reply) => {
      const identity = await requirePrincipal(request, deps);
      return sendData(reply, lookupData(identity, tokenOf(request.headers)));
    },
  });
  refuseOthers(app, url, ["GET", "POST", "PUT"]);
}

/** A root token never expires and is not renewable; when it was made is not kept. */
function lookupData(identity: Principal, token: string): TokenLookupData {
  return {
    id: token,
    accessor: identity.accessor,
    policies: [...identity.policies],
    path: identity.path,
    meta: null,
    display_name: identity.displayName,
    num_uses: 0,
    orphan: true,
    creation_time: 0,
    creation_ttl: 0,
    expire_time: null,
    ttl: 0,
    explicit_max_ttl: 0,
    entity_id: "",
    type: "service",
    renewable: false,
  };
}
