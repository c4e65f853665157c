import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Authenticate, Principal } from "../../access/authenticator.ts";
import { badRequest, HttpError } from "../answer/http-error.ts";
import { parseDurationSeconds } from "../input/duration.ts";

/** `X-Vault-Token`, else `Authorization: Bearer` (vault-http.md 1.3). */
export function tokenOf(headers: IncomingHttpHeaders): string {
  const own = headers["x-vault-token"];
  if (typeof own === "string" && own !== "") return own;
  return /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** The caller, or a 403 that does not say why. */
export async function callerOf(headers: IncomingHttpHeaders, authenticate: Authenticate): Promise<Principal> {
  const identity = await authenticate(tokenOf(headers));
  if (!identity) throw new HttpError(403, ["permission denied"]);
  return identity;
}

/** Hook of all routes that need a token: before the body is read. */
export function guard(authenticate: Authenticate): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    await callerOf(request.headers, authenticate);
    refuseNamespace(request.headers);
    refuseWrapping(request.headers);
  };
}

function refuseNamespace(headers: IncomingHttpHeaders): void {
  const namespace = headers["x-vault-namespace"] ?? "";
  if (!["", "/", "root", "root/"].includes(String(namespace))) {
    throw new HttpError(404, ["namespaces are not supported"]);
  }
}

/** Who asks for a wrapped answer must not get the plain one. */
function refuseWrapping(headers: IncomingHttpHeaders): void {
  const ttl = parseDurationSeconds(String(headers["x-vault-wrap-ttl"] ?? ""));
  if (ttl !== 0) throw badRequest("response wrapping is not supported");
  if (headers["x-vault-wrap-format"] === "jwt") throw badRequest("wrap format jwt is not supported");
}
