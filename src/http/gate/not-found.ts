import type { FastifyReply, FastifyRequest } from "fastify";
import { longestMount } from "../../mount-names.ts";
import {
  badRequest,
  denied,
  type HttpError,
  noHandler,
  unsupportedOperation,
  unsupportedPath,
} from "../answer/http-error.ts";
import type { Deps } from "../app-types.ts";
import { MOUNT } from "../input/mounted.ts";
import { originForm } from "../input/query.ts";
import { operationOf, policyPath } from "./door.ts";
import { requirePrincipal } from "./guard.ts";
import { asksForHelp, type Help, mayHaveHelp, sendHelp } from "./help.ts";
import { refuseMethod } from "./methods.ts";
import { notOffered } from "./not-offered.ts";
import { refusedBy } from "./offers.ts";

const STANDARD = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);

/**
 * Hook for requests without a route, before any body is read: first the token, so that nobody explores without one;
 * then 404 with the reason, or 405 for a method nobody offers. What the path does not offer is refused as its own scope does.
 */
export function refuseUnrouted(
  deps: Deps,
  help: Help,
): (request: FastifyRequest, reply: FastifyReply) => Promise<boolean> {
  return async (request, reply) => {
    const offer = refusedBy(request);
    if (offer) return refuseMethod(offer, request, reply);
    if (!request.is404) return false;
    const path = pathOf(request.raw.url ?? "");
    if (path.startsWith("/v1/")) await requireReach(request, deps, path);
    const mounts = [...deps.mounts.paths().map((mount) => `${mount}/`), "sys/", "auth/token/"];
    const root = mounts.find((mount) => `/v1/${mount}` === `${path.replace(/\/$/, "")}/`);
    if (root === undefined || !asksForHelp(request)) throw reasonOf(path, request.method, mounts);
    sendHelp(reply, helpBelow(help, root, deps));
    return true;
  };
}

function helpBelow(help: Help, root: string, { mounts }: Deps): string {
  const [own, pattern] = [`/v1/${root}`, `/v1/${MOUNT}/`];
  return mounts.at(root.slice(0, -1)) ? help.below(pattern).replaceAll(pattern, own) : help.below(own);
}

/** What is not there is nothing to those who could not reach it. */
async function requireReach(request: FastifyRequest, deps: Deps, path: string): Promise<void> {
  const principal = await requirePrincipal(request, deps);
  const operation = operationOf(request);
  const named = policyPath(path, operation);
  if (!mayHaveHelp(request, principal, named, deps.mounts) && !principal.acl.reaches(operation, named)) throw denied();
}

function reasonOf(path: string, method: string, mounts: readonly string[]): HttpError {
  if (!path.startsWith("/v1/")) return unsupportedPath();
  const why = notOffered(path);
  if (why !== undefined) return badRequest(why);
  const inside = path.slice("/v1/".length);
  if (longestMount(mounts, inside) === undefined) return noHandler(inside);
  return STANDARD.has(method) ? unsupportedPath() : unsupportedOperation();
}

/** Decoded for the message only; a path that cannot be decoded never gets here. */
function pathOf(target: string): string {
  const raw = originForm(target).split(/[?#]/, 1)[0] ?? "";
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
