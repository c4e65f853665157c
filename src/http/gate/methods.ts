import type { FastifyReply, FastifyRequest } from "fastify";
import type { ErrorHandler } from "../answer/errors.ts";
import { HttpError, unsupportedOperation } from "../answer/http-error.ts";
import type { VaultApp } from "../app-types.ts";
import { parseBool } from "../input/go-numbers.ts";
import { type Offer, passesOf, refusedBy } from "./offers.ts";

/** Vault takes both for a write, always equal. */
export const WRITE: ("PUT" | "POST")[] = ["PUT", "POST"];

/** 405 for a method that a path does not offer, before any body is read: after all that its routes have to be passed first, of which one may have answered (true). */
export async function refuseMethod({ scope }: Offer, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  for (const pass of passesOf(scope)) if ((await pass(request, reply)) === true) return true;
  const type = request.headers["content-type"] ?? "";
  // PATCH is a merge patch or nothing; it is offered nowhere.
  if (request.method === "PATCH" && !/^application\/merge-patch\+json\b/i.test(type)) {
    throw new HttpError(415, ["PATCH requires Content-Type application/merge-patch+json"]);
  }
  throw unsupportedOperation();
}

/** What is wrong with such a request has the form that it has at the routes of its path. */
export function orAsOffered(app: VaultApp, answer: ErrorHandler): ErrorHandler {
  return async (error, request, reply) => {
    const { scope } = refusedBy(request) ?? {};
    const isOther = scope !== undefined && scope.errorHandler !== app.errorHandler;
    return isOther ? scope.errorHandler(error, request, reply) : answer(error, request, reply);
  };
}

/** LIST comes as a GET with `list` true; a path that offers no list must not answer it as a read. */
export function refuseList({ method, query, routeOptions }: FastifyRequest): void {
  const { list } = (query ?? {}) as { readonly list?: unknown };
  const { querystring } = (routeOptions.schema ?? {}) as { querystring?: { properties?: Record<string, unknown> } };
  if (method !== "GET" || typeof list !== "string" || querystring?.properties?.list !== undefined) return;
  if (parseBool(list) === true) throw unsupportedOperation();
}
