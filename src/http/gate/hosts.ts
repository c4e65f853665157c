import type { FastifyRequest } from "fastify";
import { isLoopback } from "../../process/proxies.ts";
import { HttpError } from "../answer/http-error.ts";
import type { Deps } from "../app-types.ts";

/**
 * Hook: a page that lets its own name lead to this machine (DNS rebinding) is taken for ours by its browser, but still names
 * itself (RFC 9110 15.5.20). Throws a 421.
 */
export function requireHost(deps: Pick<Deps, "isOwnHost">) {
  return async ({ headers, socket }: Pick<FastifyRequest, "headers" | "socket">): Promise<void> => {
    const { host } = headers;
    if (host === undefined || isNamedHere(deps, host, socket.localAddress)) return;
    const name = host.slice(0, 256).toWellFormed();
    throw new HttpError(421, [`"${name}" is not a host of this broker: name it with --allow-hosts if it is`]);
  };
}

/** Whether requests that come in at an address of ours may name this host (the value of the field, with its port). */
export function isNamedHere({ isOwnHost }: Pick<Deps, "isOwnHost">, host: string, at: string | undefined): boolean {
  return isOwnHost === undefined || isOwnHost(nameOf(host), at);
}

/** What a proxy tells of whom it asks for. */
const FORWARDED = /^(?:forwarded|via|x-real-ip|x-forwarded-.*)$/;

/**
 * Whether a program of this machine asks by itself. Where it comes from does not say so, since a reverse proxy beside us comes from
 * there as well: that names its public host or whom it asks for, or asks in HTTP/1.0 (nginx, where nobody has told it otherwise);
 * and a broker that is known by another name than loopback's may have one that does none of it.
 */
export function isOfThisMachine(
  { headers, raw }: Pick<FastifyRequest, "headers" | "raw">,
  { publicUrl }: Pick<Deps, "publicUrl">,
): boolean {
  const known = publicUrl === undefined ? [] : [URL.parse(publicUrl)?.host ?? ""];
  return (
    [headers.host ?? "", ...known].every((host) => isLoopback(nameOf(host))) &&
    raw.httpVersion !== "1.0" &&
    !Object.keys(headers).some((name) => FORWARDED.test(name))
  );
}

/** Without port, brackets and the dot at its end (RFC 9112 3.2). */
function nameOf(host: string): string {
  const [, inBrackets, name = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return (inBrackets ?? name).toLowerCase().replace(/\.$/, "");
}
