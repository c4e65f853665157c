import { CredsParameters, PendingData } from "../../api/index.ts";
import type { CredentialInput } from "../../broker/broker.ts";
import { describe } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { pendingFields } from "../answer/errors.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { knownHolder } from "../gate/guard.ts";
import { WRITE } from "../gate/methods.ts";
import { checkName, nameOf } from "../input/names.ts";
import { credentialAbove, history, requireFree, sendHistory, sendRetry } from "./history.ts";
import type { MountRoutes } from "./mount-routes.ts";
import { tokensOf } from "./tokens-of.ts";

const TAG = "creds";

/** `creds/:name` (oauthapp.md section 5). */
export function creds(app: VaultApp, deps: Deps, at: MountRoutes): void {
  const { broker } = deps;
  const url = `${at.root}/creds`;
  write(app, deps, at, url);
  history(app, deps, at);
  tokensOf(app, {
    tag: TAG,
    url,
    at,
    read: (mount, name, minimum) => broker.readCredential(mount, name, minimum),
    list: (mount, page) => broker.listCredentials(mount, page),
    find: (mount, page) => broker.findCredentials(mount, page),
    count: (mount, prefix) => broker.countCredentials(mount, prefix),
    remove: (mount, name, revoke) => broker.deleteCredential(mount, name, revoke),
    readBelow: (reply, mount, path) => {
      const credential = credentialAbove(path, "history");
      return credential === undefined ? undefined : sendHistory(reply, broker, mount, credential);
    },
  });
}

function write(app: VaultApp, { broker }: Deps, at: MountRoutes, url: string): void {
  app.route({
    method: WRITE,
    url: `${url}/*`,
    schema: describe({
      tag: TAG,
      summary: "Start or finish a grant under a name",
      body: CredsParameters,
      data: PendingData,
      empty: true,
    }),
    handler: async (request, reply) => {
      const { value } = request.body;
      const [mount, name] = [at.place(request), nameOf(request)];
      const credential = credentialAbove(name, "retry");
      if (credential !== undefined) return sendRetry(reply, broker, mount, credential);
      const by = knownHolder(request)?.principal.token?.entity?.id;
      const pending = await broker.writeCredential(mount, requireFree(name), credentialInput(value), by);
      if (!pending) return sendDone(reply);
      const data = { status: "pending", ...pendingFields(pending) };
      return sendData(reply, data, { warnings: pending.warnings ?? [] });
    },
  });
}

function credentialInput(value: Required<CredsParameters>): CredentialInput {
  return {
    server: checkName("server", value.server),
    grantType: value.grant_type,
    code: value.code,
    redirectUrl: value.redirect_url,
    state: value.state,
    codeVerifier: value.code_verifier,
    iss: value.iss,
    refreshToken: value.refresh_token,
    deviceCode: value.device_code,
    scopes: value.scopes.filter((scope) => scope !== ""),
    interval: value.interval,
    expiresIn: value.expires_in,
    maximumExpirySeconds: value.maximum_expiry_seconds,
    providerOptions: value.provider_options,
  };
}
