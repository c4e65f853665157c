import { Type } from "typebox";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import { BUILT_IN_VERSION } from "../answer/mount-data.ts";
import type { Deps, VaultApp } from "../app-types.ts";

const NAMES = Type.Array(Type.String());

/** `plugin list`, which shows no sentence of a refusal: what is built in (developer.hashicorp.com/vault/api-docs/system/plugins-catalog). */
export function plugins(app: VaultApp, deps: Deps): void {
  app.get("/v1/sys/plugins/catalog", {
    schema: describe({
      tag: "system",
      summary: "List what is built in",
      querystring: NoParameters,
      data: Type.Object({ auth: NAMES, database: NAMES, secret: NAMES, detailed: Type.Array(Type.Unknown()) }),
    }),
    handler: async (_request, reply) => {
      const auth = ["token", ...deps.auth.methods.map(({ type }) => type)].toSorted();
      const secret = ["oauthapp"];
      const detailed = Object.entries({ auth, secret }).flatMap(([type, names]) =>
        names.map((name) => ({
          type,
          name,
          version: BUILT_IN_VERSION,
          builtin: true,
          deprecation_status: "supported",
        })),
      );
      return sendData(reply, { auth, database: [], secret, detailed });
    },
  });
}
