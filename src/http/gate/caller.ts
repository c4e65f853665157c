import type { FastifyRequest } from "fastify";
import type { Caller } from "../../broker/sessions.ts";
import { denied } from "../answer/http-error.ts";
import type { Deps } from "../app-types.ts";
import { principalOf, sendsToken } from "./guard.ts";
import { placeOf } from "./place.ts";

/** The session id a program brings; anything else is one that nobody has. */
export function bearerOf({ headers }: Pick<FastifyRequest, "headers">): string {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** Who begins a login: with a token that holds, or anybody who sends none. With one that has ended nobody is taken for a stranger: a 403. */
export async function callerOf(request: FastifyRequest, deps: Deps): Promise<Caller> {
  const principal = await principalOf(request, deps);
  const isDenied = principal ? !principal.acl.reaches("update", "sessions") : sendsToken(request.headers);
  if (isDenied) throw denied();
  return {
    ...placeOf(request, deps),
    trusted: principal !== undefined,
    ...(principal && { accessor: principal.standsFor ?? principal.accessor }),
  };
}
