import type { FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "../../access/authenticator.ts";
import type { MountList } from "../../broker/mounts.ts";
import { longestMount } from "../../mount-names.ts";
import { type Reply, sendJson } from "../answer/answer.ts";
import { badRequest } from "../answer/http-error.ts";
import type { VaultApp } from "../app-types.ts";
import { parseBool } from "../input/go-numbers.ts";
import { routeOf } from "./offers.ts";

/** What the paths offer, by their patterns. */
export interface Help {
  /** Every pattern that begins with `root`, with what it is for. */
  below(root: string): string;
  of(url: string): string;
}

/** Gathers what the routes say about themselves; called before any is registered. */
export function collectHelp(app: VaultApp): Help {
  const lines = new Map<string, string[]>();
  app.addHook("onRoute", ({ url, method, schema }) => {
    const { summary } = (schema ?? {}) as { readonly summary?: string };
    if (summary === undefined) return;
    const line = `${[method].flat().join(", ")}: ${summary}`;
    lines.set(url, [...(lines.get(url) ?? []), line]);
  });
  return {
    of: (url) => (lines.get(url) ?? []).join("\n"),
    below: (root) =>
      [...lines]
        .filter(([url]) => url.startsWith(root))
        .map(([url, offers]) => [url, ...offers].join("\n  "))
        .join("\n\n"),
  };
}

/**
 * Whether a request asks for help, and its caller may have it. Help is everybody's, but for mounts that the caller sees nothing of: that
 * there is one of a name is their own business. `path` is behind `/v1/`.
 */
export function mayHaveHelp(request: FastifyRequest, { acl }: Principal, path: string, mounts: MountList): boolean {
  if (!asksForHelp(request)) return false;
  const mount = longestMount(
    [...mounts.paths(), "sys", "auth"].map((one) => `${one}/`),
    path,
  );
  const isKnown = mount === "sys/" || mount === "auth/" || mount === `${mounts.first}/`;
  return isKnown || (mount !== undefined && acl.seesBelow(mount));
}

/** `GET ?help=1` must not hand out what the path holds: it answers help, bare (vault-http.md section 4). */
export function answerHelp(help: Help): (request: FastifyRequest, reply: FastifyReply) => Promise<boolean> {
  return async (request, reply) => {
    if (!asksForHelp(request)) return false;
    sendHelp(reply, help.of(routeOf(request).url ?? ""));
    return true;
  };
}

/** Throws a 400 for what is no boolean: a read that was meant to ask for help must not answer with a token. */
export function asksForHelp({ method, query }: FastifyRequest): boolean {
  const { help } = (query ?? {}) as { readonly help?: unknown };
  if (method !== "GET" || help === undefined) return false;
  const asked = typeof help === "string" ? parseBool(help) : undefined;
  if (asked === undefined) throw badRequest('error converting input for field "help": expected a boolean');
  return asked;
}

export function sendHelp(reply: Reply, help: string): void {
  sendJson(reply, 200, { help, see_also: [], openapi: {} });
}
