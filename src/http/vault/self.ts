import { SelfParameters } from "../../api/index.ts";
import type { SelfInput } from "../../broker/broker.ts";
import { describe } from "../answer/describe.ts";
import { sendDone } from "../answer/envelope.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { checkName, nameOf } from "../input/names.ts";
import type { MountRoutes } from "./mount-routes.ts";
import { tokensOf } from "./tokens-of.ts";

const TAG = "self";

/** `self/:name`: client credentials (oauthapp.md section 6). */
export function self(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const url = `${at.root}/self`;
  app.route({
    method: WRITE,
    url: `${url}/*`,
    schema: describe({ tag: TAG, summary: "Get a token for the client itself", body: SelfParameters, empty: true }),
    handler: async (request, reply) => {
      await broker.writeSelf(at.place(request), nameOf(request), selfInput(request.body.value));
      return sendDone(reply);
    },
  });
  tokensOf(app, {
    tag: TAG,
    url,
    at,
    read: (mount, name, minimum) => broker.readSelf(mount, name, minimum),
    list: (mount, page) => broker.listSelf(mount, page),
    find: (mount, page) => broker.findSelf(mount, page),
    count: (mount, prefix) => broker.countSelf(mount, prefix),
    remove: (mount, name, revoke) => broker.deleteSelf(mount, name, revoke),
  });
}

function selfInput(value: Required<SelfParameters>): SelfInput {
  return {
    server: checkName("server", value.server),
    scopes: value.scopes.filter((scope) => scope !== ""),
    tokenUrlParams: value.token_url_params,
    maximumExpirySeconds: value.maximum_expiry_seconds,
    providerOptions: value.provider_options,
  };
}
