import type { FastifyRequest } from "fastify";
import type { Principal } from "../../access/authenticator.ts";
import { CapabilitiesData, CapabilitiesParameters } from "../../api/index.ts";
import { describe } from "../answer/describe.ts";
import { sendBoth } from "../answer/envelope.ts";
import { badRequest, HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { requirePrincipal } from "../gate/guard.ts";
import { WRITE } from "../gate/methods.ts";

const OF = {
  "capabilities-self": "What the caller may do at paths",
  capabilities: "What a token may do at paths",
  "capabilities-accessor": "What a token may do at paths, by its accessor",
} as const;

/** Each is looked for among all that a token's policies say, and every token may ask. */
const MOST_PATHS = 1_000;

/** `sys/capabilities` and the like (vault-http.md 6.1): what a token may do at paths. */
export function capabilities(app: VaultApp, deps: Deps): void {
  for (const noun of Object.keys(OF) as (keyof typeof OF)[]) {
    const url = `/v1/sys/${noun}`;
    app.route({
      method: WRITE,
      url,
      schema: describe({ tag: "access", summary: OF[noun], body: CapabilitiesParameters, data: CapabilitiesData }),
      handler: async (request, reply) => {
        const paths = pathsIn(request.body.value);
        const principal = await whose(noun, request, deps, request.body.value);
        if (!principal) throw new HttpError(400, [noun === "capabilities" ? "invalid token" : "invalid accessor"]);
        const found = paths.map((path) => [path, principal.acl.capabilities(path)] as const);
        const [only, ...more] = found;
        return sendBoth(reply, {
          ...(only && more.length === 0 && { capabilities: only[1] }),
          ...Object.fromEntries(found),
        });
      },
    });
  }
}

async function whose(
  noun: keyof typeof OF,
  request: FastifyRequest,
  deps: Deps,
  { token, accessor }: Required<CapabilitiesParameters>,
): Promise<Principal | undefined> {
  if (noun === "capabilities-self") return requirePrincipal(request, deps);
  return deps.access.tokens.find(noun === "capabilities" ? { token } : { accessor });
}

function pathsIn({ paths, path }: Required<CapabilitiesParameters>): readonly string[] {
  const all = [...paths, ...path].filter((one) => one !== "");
  if (all.length === 0) throw badRequest("paths must be supplied");
  if (all.length > MOST_PATHS) throw badRequest(`at most ${MOST_PATHS} paths can be asked for at once`);
  return all;
}
