import type { FastifyRequest } from "fastify";
import type { Authenticate } from "../../access/authenticator.ts";
import type { Caller } from "../../broker/sessions.ts";
import { tokenOf } from "../guard.ts";
import { networkOf, plainAddress } from "../network.ts";

/** The session id a program brings; anything else is one that nobody has. */
export function bearerOf({ headers }: Pick<FastifyRequest, "headers">): string {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** Where somebody asks from. */
export function placeOf({ ip }: Pick<FastifyRequest, "ip">): Pick<Caller, "address" | "network"> {
  const address = plainAddress(ip);
  return { address, network: networkOf(address) };
}

/** Who begins a login: with a token that holds, or anybody. */
export async function callerOf(request: FastifyRequest, authenticate: Authenticate): Promise<Caller> {
  const token = tokenOf(request.headers);
  const trusted = token !== "" && (await authenticate(token)) !== undefined;
  return { ...placeOf(request), trusted };
}
