import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { Errors, SessionError } from "../../api/index.ts";
import { sendJson } from "../answer/answer.ts";
import type { VaultApp } from "../app-types.ts";
import { refuseOthers } from "../gate/methods.ts";

/** Collects the schemas of all routes registered after it. `version` is the product's. */
export function collectRoutes(app: VaultApp, version: string): void {
  app.addSchema({ $id: "Errors", ...Errors });
  app.addSchema({ $id: "SessionError", ...SessionError });
  app.register(swagger, {
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, index) => String($id ?? `schema-${index}`) },
    openapi: {
      openapi: "3.1.0",
      info: { title: "Coatcheck", description: "OAuth credential broker, shaped like Vault's HTTP API", version },
      components: {
        securitySchemes: {
          token: { type: "apiKey", in: "header", name: "X-Vault-Token" },
          bearer: { type: "http", scheme: "bearer" },
        },
      },
      security: [{ token: [] }, { bearer: [] }],
    },
    transform: ({ schema, url }) => named(schema ?? {}, url),
  });
}

/** A name may hold slashes, so the router has `*` where the document says `{name}`. */
function named<Schema extends object>(schema: Schema, url: string) {
  if (!url.endsWith("/*")) return { schema, url };
  const params = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
  return { schema: { ...schema, params }, url: `${url.slice(0, -1)}:name` };
}

/** `sys/internal/specs/openapi`. */
export function openapi(app: VaultApp): void {
  const url = "/v1/sys/internal/specs/openapi";
  app.get(url, {
    schema: { tags: ["system"], summary: "This document" },
    handler: async (_request, reply) => sendJson(reply, 200, app.swagger()),
  });
  refuseOthers(app, url, ["GET"]);
}

/** The document of an app that `buildApp` made; docs/openapi.json is its text. */
export async function openapiDocument(app: Pick<FastifyInstance, "ready" | "swagger">): Promise<unknown> {
  await app.ready();
  return app.swagger();
}
