import type { FastifyRequest } from "fastify";
import { HttpError } from "../answer/http-error.ts";
import type { Deps } from "../app-types.ts";

/**
 * Hook: a page that lets its own name lead to this machine (DNS rebinding) is taken for ours by its browser, but still names
 * itself (RFC 9110 15.5.20). Throws a 421.
 */
export function requireHost({ isOwnHost }: Pick<Deps, "isOwnHost">) {
  return async ({ headers, socket }: Pick<FastifyRequest, "headers" | "socket">): Promise<void> => {
    const { host } = headers;
    if (host === undefined || isOwnHost === undefined || isOwnHost(nameOf(host), socket.localAddress)) return;
    const name = host.slice(0, 256).toWellFormed();
    throw new HttpError(421, [`"${name}" is not a host of this broker: name it with --allow-hosts if it is`]);
  };
}

/** Without port, brackets and the dot at its end (RFC 9112 3.2). */
function nameOf(host: string): string {
  const [, inBrackets, name = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return (inBrackets ?? name).toLowerCase().replace(/\.$/, "");
}
