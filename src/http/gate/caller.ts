import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import type { Caller } from "../../broker/sessions.ts";
import type { Deps } from "../app-types.ts";
import { callerOf as requireToken, tokenOf } from "./guard.ts";
import { networkOf, plainAddress } from "./network.ts";

/** The session id a program brings; anything else is one that nobody has. */
export function bearerOf({ headers }: Pick<FastifyRequest, "headers">): string {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** Where somebody asks from: the connection's other end or, behind proxies that are trusted, what the last of them saw. */
export function placeOf(
  { ip, headers }: Pick<FastifyRequest, "ip" | "headers">,
  { isTrustedProxy = () => false }: Pick<Deps, "isTrustedProxy">,
): Pick<Caller, "address" | "network"> {
  const hops = String(headers["x-forwarded-for"] ?? "").split(",");
  let address = plainAddress(ip);
  while (isTrustedProxy(address)) {
    const before = plainAddress(hops.pop()?.trim());
    if (isIP(before) === 0) break;
    address = before;
  }
  return { address, network: networkOf(address) };
}

/** Who begins a login: with a token that holds, or anybody. */
export async function callerOf(request: FastifyRequest, deps: Deps): Promise<Caller> {
  const token = tokenOf(request.headers);
  const trusted = token !== "" && (await deps.authenticate(token)) !== undefined;
  return { ...placeOf(request, deps), trusted };
}

/** Hook of what operators alone may do. */
export function operatorsOnly(authenticate: Deps["authenticate"]) {
  return async ({ headers }: Pick<FastifyRequest, "headers">): Promise<void> => {
    await requireToken(headers, authenticate);
  };
}
