import { AuthCodeUrlData, AuthCodeUrlParameters, rfc3339 } from "../../api/index.ts";
import type { AuthorizationCodeUrlInput } from "../../broker/broker.ts";
import { describe } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { checkName } from "../input/names.ts";
import { requireFree } from "./history.ts";
import type { MountRoutes } from "./mount-routes.ts";

/** `auth-code-url` (oauthapp.md section 4). */
export function authCodeUrl(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const url = `${at.root}/auth-code-url`;
  app.route({
    method: WRITE,
    url,
    schema: describe({
      tag: "auth-code-url",
      summary: "Create an authorization link",
      body: AuthCodeUrlParameters,
      data: AuthCodeUrlData,
    }),
    handler: async (request, reply) => {
      const { value } = request.body;
      const link = await broker.authorizationCodeUrl(at.place(request), linkInput(value));
      const data: AuthCodeUrlData = {
        url: link.url,
        ...(link.state !== undefined && { state: link.state }),
        ...(link.expiresAt !== undefined && { expire_time: rfc3339(link.expiresAt) }),
      };
      return sendData(reply, data);
    },
  });
}

function linkInput(value: Required<AuthCodeUrlParameters>): AuthorizationCodeUrlInput {
  return {
    server: checkName("server", value.server),
    redirectUrl: value.redirect_url,
    scopes: value.scopes.filter((scope) => scope !== ""),
    state: value.state,
    authUrlParams: value.auth_url_params,
    providerOptions: value.provider_options,
    name: requireFree(checkName("name", value.name)),
    pkce: value.pkce,
    codeChallenge: value.code_challenge,
    maximumExpirySeconds: value.maximum_expiry_seconds,
  };
}
