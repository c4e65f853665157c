import type { FastifyRequest } from "fastify";
import { rfc3339, TokenParameters, WrapLookupData } from "../../api/index.ts";
import { sendJson, sendText } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import { badRequest, denied } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { countWrong, principalOf, tokenOf } from "../gate/guard.ts";
import { WRITE } from "../gate/methods.ts";
import { wrapEnvelope, wrapTtlOf } from "../gate/wrapping.ts";

const TAG = "access";
const ROOT = "/v1/sys/wrapping";

/** Wraps what is sent: wants a token, like everything else that makes something. */
export function wrap(app: VaultApp): void {
  const url = `${ROOT}/wrap`;
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary: "Wrap what is sent" }),
    onRequest: async ({ headers }) => {
      if (wrapTtlOf(headers) === 0) throw badRequest("endpoint requires response wrapping to be used");
    },
    handler: async (request, reply) => sendData(reply, request.body ?? {}),
  });
}

/** What a wrapping token opens by itself, so that nobody needs another one (vault-http.md section 7). */
export function unwrapping(app: VaultApp, deps: Deps): void {
  const { wrapping } = deps.access;
  const unwrap = `${ROOT}/unwrap`;
  app.route({
    method: WRITE,
    url: unwrap,
    schema: describe({ isOpen: true, tag: TAG, summary: "Read a wrapped answer, once", body: TokenParameters }),
    handler: async (request, reply) => {
      const body = await wrapping.unwrap(await wrappingToken(request, deps, "unwrap"));
      if (body === undefined) throw notThere(request, deps);
      return sendText(reply, 200, body);
    },
  });
  const rewrap = `${ROOT}/rewrap`;
  app.route({
    method: WRITE,
    url: rewrap,
    schema: describe({ isOpen: true, tag: TAG, summary: "Wrap a wrapped answer anew", body: TokenParameters }),
    handler: async (request, reply) => {
      const wrapped = await wrapping.rewrap(await wrappingToken(request, deps, "rewrap"));
      if (!wrapped) throw notThere(request, deps);
      return sendJson(reply, 200, wrapEnvelope(wrapped));
    },
  });
  lookup(app, deps);
}

function lookup(app: VaultApp, deps: Deps): void {
  const url = `${ROOT}/lookup`;
  const summary = "Read what is known of a wrapped answer, without reading it";
  const look = async (request: FastifyRequest, token: string) => {
    const found = await deps.access.wrapping.lookUp(token);
    if (!found) throw notThere(request, deps);
    return { creation_ttl: found.ttl, creation_time: rfc3339(found.createdAt), creation_path: found.path };
  };
  app.route({
    method: WRITE,
    url,
    schema: describe({ isOpen: true, tag: TAG, summary, body: TokenParameters, data: WrapLookupData }),
    handler: async (request, reply) =>
      sendData(reply, await look(request, request.body.value.token || tokenOf(request.headers))),
  });
  app.get(url, {
    schema: describe({ isOpen: true, tag: TAG, summary, querystring: NoParameters, data: WrapLookupData }),
    handler: async (request, reply) => sendData(reply, await look(request, tokenOf(request.headers))),
  });
}

/** The one that is sent as the caller's own; one in the body is read by who may. */
async function wrappingToken(
  request: FastifyRequest & { readonly body: { readonly value: { readonly token: string } } },
  deps: Deps,
  noun: "unwrap" | "rewrap",
): Promise<string> {
  const [own, { token }] = [tokenOf(request.headers), request.body.value];
  if (noun === "unwrap" && (token === "" || token === own)) return own;
  const principal = await principalOf(request, deps);
  if (!principal?.acl.reaches("update", `sys/wrapping/${noun}`)) throw denied();
  return token;
}

/** Counted like wrong tokens. */
function notThere(request: FastifyRequest, deps: Deps): Error {
  countWrong(request, deps, true);
  return badRequest("wrapping token is not valid or does not exist");
}
