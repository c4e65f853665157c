import fastify, { type FastifyInstance, type RouteOptions } from "fastify";
import { Errors, SessionError } from "../../api/index.ts";
import { FIRST_MOUNT } from "../../mount-names.ts";
import { sendJson } from "../answer/answer.ts";
import { describe, withAnswers } from "../answer/describe.ts";
import type { VaultApp } from "../app-types.ts";
import { PROXY } from "../gate/transport.ts";
import { MOUNT } from "../input/mounted.ts";
import { compileValidator, OWN_COMPILERS } from "../input/validator.ts";

/** As far as anything here looks into it: operations by their path. */
interface OpenApiDocument {
  readonly paths?: Readonly<Record<string, object | undefined>>;
}

/** What an app says of itself, by the server that all its scopes share. */
const documents = new WeakMap<object, () => Promise<OpenApiDocument>>();

/** Takes down all routes that are added after it, for the document: `version` is the product's. */
export function collectRoutes(app: VaultApp, version: string): void {
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => void routes.push(route));
  let made: Promise<OpenApiDocument> | undefined;
  documents.set(app.server, () => {
    made ??= documentOf(routes, version).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  });
}

/** Made by an app of its own, once, when somebody first asks: what makes it is a part of each start otherwise, and few look. */
async function documentOf(routes: readonly RouteOptions[], version: string): Promise<OpenApiDocument> {
  const { default: swagger } = await import("@fastify/swagger");
  const described = fastify({ exposeHeadRoutes: false, schemaController: OWN_COMPILERS });
  described.setValidatorCompiler(compileValidator);
  described.setSerializerCompiler(() => (data) => JSON.stringify(data));
  described.addSchema({ $id: "Errors", ...Errors });
  described.addSchema({ $id: "SessionError", ...SessionError });
  await described.register(swagger, {
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
    transform: ({ schema, url }) => withParameters(schema ?? {}, url),
    transformObject: (all) => withIds("openapiObject" in all ? all.openapiObject : all.swaggerObject),
  });
  for (const { method, url, schema = {} } of routes) {
    described.route({ method, url, schema: withAnswers(schema), handler: async () => {} });
  }
  await described.ready();
  return described.swagger();
}

/**
 * What is below any mount is told of the first: which others there are is nobody's to read here. A tail may hold slashes, so the router has `*` where the document says `{name}` (`{path}` where it
 * is another API's).
 */
function withParameters<Schema extends object>(schema: Schema, route: string) {
  const pattern = route.replace(`/v1/${MOUNT}/`, `/v1/${FIRST_MOUNT}/`);
  if (!pattern.endsWith("/*")) return { schema, url: pattern };
  const tail = pattern.startsWith(PROXY) ? "path" : "name";
  const url = `${pattern.slice(0, -1)}:${tail}`;
  const required = [...url.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  const properties = Object.fromEntries(required.map((name) => [name, { type: "string" }]));
  return { schema: { ...schema, params: { type: "object", properties, required } }, url };
}

/** Every operation has an id, by which generators of clients name their functions: its method and its path. */
function withIds<Described extends { readonly paths?: object }>(document: Described): Described {
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => {
    const operations = Object.entries<object>(item).map(([method, operation]) => [
      method,
      { operationId: operationId(method, path), ...operation },
    ]);
    return [path, Object.fromEntries(operations)];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

/** `getOauth2CredsByName`; a path that ends with a slash is a folder. */
function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/v1\//, "/")
    .replaceAll("{", "by-")
    .replace(/\/$/, "/folder")
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== "");
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** `sys/internal/specs/openapi`. */
export function openapi(app: VaultApp): void {
  const url = "/v1/sys/internal/specs/openapi";
  app.get(url, {
    schema: describe({ tag: "system", summary: "This document", media: "application/json" }),
    handler: async (_request, reply) => sendJson(reply, 200, await documents.get(app.server)?.()),
  });
}

/** The document of an app that `buildApp` made; docs/openapi.json is its text. */
export async function openapiDocument(app: Pick<FastifyInstance, "ready" | "server">): Promise<OpenApiDocument> {
  await app.ready();
  return documents.get(app.server)?.() ?? {};
}
