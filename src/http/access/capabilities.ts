import { CapabilitiesData, CapabilitiesParameters } from "../../api/index.ts";
import { describe } from "../answer/describe.ts";
import { sendBoth } from "../answer/envelope.ts";
import { badRequest } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { requirePrincipal } from "../gate/guard.ts";
import { refuseOthers, WRITE } from "../gate/methods.ts";

/** `sys/capabilities-self` (vault-http.md 6.1): what a token may do at paths. */
export function capabilities(app: VaultApp, deps: Deps): void {
  const url = "/v1/sys/capabilities-self";
  app.route({
    method: WRITE,
    url,
    schema: describe({
      tag: "access",
      summary: "What the caller may do at paths",
      body: CapabilitiesParameters,
      data: CapabilitiesData,
    }),
    handler: async (request, reply) => {
      const { acl } = await requirePrincipal(request, deps);
      const paths = pathsIn(request.body.value);
      const found = paths.map((path) => [path, acl.capabilities(path)] as const);
      const [only, ...more] = found;
      return sendBoth(reply, {
        ...(only && more.length === 0 && { capabilities: only[1] }),
        ...Object.fromEntries(found),
      });
    },
  });
  refuseOthers(app, url, ["PUT", "POST"]);
}

function pathsIn({ paths, path }: Required<CapabilitiesParameters>): readonly string[] {
  const all = [...paths, ...path].filter((one) => one !== "");
  if (all.length === 0) throw badRequest("paths must be supplied");
  return all;
}
