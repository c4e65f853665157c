import type { FastifyRequest } from "fastify";
import { HttpError, unsupportedOperation } from "../answer/http-error.ts";
import type { VaultApp } from "../app-types.ts";
import { parseBool } from "../input/go-numbers.ts";

/** Vault takes both for a write, always equal. */
export const WRITE: ("PUT" | "POST")[] = ["PUT", "POST"];

const ROUTABLE = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] as const;
type Method = (typeof ROUTABLE)[number];

/** 405 for all methods a path does not offer, before any body is read. */
export function refuseOthers(app: VaultApp, url: string, offered: readonly Method[]): void {
  app.route({
    method: ROUTABLE.filter((method) => !offered.includes(method)),
    url,
    schema: { hide: true },
    onRequest: async (request) => refuseMethod(request),
    handler: async () => {},
  });
}

/** LIST comes as a GET with `list` true; a path that offers no list must not answer it as a read. */
export function refuseList({ method, query, routeOptions }: FastifyRequest): void {
  const { list } = (query ?? {}) as { readonly list?: unknown };
  const { querystring } = (routeOptions.schema ?? {}) as { querystring?: { properties?: Record<string, unknown> } };
  if (method !== "GET" || typeof list !== "string" || querystring?.properties?.list !== undefined) return;
  if (parseBool(list) === true) throw unsupportedOperation();
}

/** PATCH is a merge patch or nothing (415); it is offered nowhere. */
function refuseMethod(request: Pick<FastifyRequest, "method" | "headers">): never {
  const type = request.headers["content-type"] ?? "";
  if (request.method === "PATCH" && !/^application\/merge-patch\+json\b/i.test(type)) {
    throw new HttpError(415, ["PATCH requires Content-Type application/merge-patch+json"]);
  }
  throw unsupportedOperation();
}
