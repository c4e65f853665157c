import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Principal } from "../../access/authenticator.ts";
import type { Operation } from "../../access/policy/acl.ts";
import type { Parameters } from "../../access/policy/parameters.ts";
import { denied, HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { parseBool } from "../input/go-numbers.ts";
import { type FieldsSchema, sentAs } from "../input/sent-as.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { requirePrincipal } from "./guard.ts";
import { mayHaveHelp } from "./help.ts";
import { passFirst, routeOf } from "./offers.ts";
import { wrapTtlOf } from "./wrapping.ts";

/**
 * The one door of every route that needs a token: what policies say of its path and operation is asked before a body is read, and
 * what they say of parameters before these are looked at. The path is the route's own, with what the router put in for names, so
 * that nothing is judged by one name and done by another.
 */
export function door(app: VaultApp, deps: Deps): void {
  passFirst(app, async (request) => {
    const principal = await requirePrincipal(request, deps);
    refuseNamespace(request.headers);
    if (!mayHaveHelp(request, principal, pathOf(request), deps.mounts)) requireReach(principal, request);
  });
  app.addHook("preValidation", async (request) => {
    const { acl } = await requirePrincipal(request, deps);
    if (isJudgedThere(request)) return;
    if (!acl.permits(operationOf(request), pathOf(request), parametersOf(request), wrapTtlOf(request.headers)))
      throw denied();
  });
}

interface RouteConfig {
  readonly isJudgedThere?: boolean;
  /** The path that policies name it by, where that is not its own. */
  readonly policyPath?: string;
}

declare module "fastify" {
  interface FastifyContextConfig extends RouteConfig {}
}

/** Of a second path of what policies know by another. */
export function judgedAs(path: string): { readonly config: RouteConfig } {
  return { config: { policyPath: path } };
}

/** Of a route that judges for itself what its caller may see; it is for whoever has a token. */
export const JUDGED_THERE: { readonly config: RouteConfig } = { config: { isJudgedThere: true } };

function isJudgedThere(request: FastifyRequest): boolean {
  return routeOf(request).config.isJudgedThere === true;
}

/** Paths that want `sudo` as well, each with all below it. */
const SUDO = [
  ...["auth/token/accessors", "auth/token/revoke-orphan", "sys/keys", "sys/hand-over", "sys/audit"],
  ...["sys/audit-search", "sys/remount"],
];
/** The same of what is below alone. */
const SUDO_BELOW = ["sys/auth/", "sys/mounts/auth/"];

function requireReach({ acl }: Principal, request: FastifyRequest): void {
  if (isJudgedThere(request)) return;
  const [operation, path] = [operationOf(request), pathOf(request)];
  const wrapTtl = wrapTtlOf(request.headers);
  if (!acl.reaches(operation, path, wrapTtl)) throw denied();
  if (wantsSudo(path) && !acl.hasSudo(operation, path, wrapTtl)) throw denied();
}

export function wantsSudo(path: string): boolean {
  return SUDO.some((one) => `${path}/`.startsWith(`${one}/`)) || SUDO_BELOW.some((one) => path.startsWith(one));
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  PUT: "update",
  POST: "update",
  DELETE: "delete",
  PATCH: "patch",
};

/** `create` is nobody's: whether something is there already is not looked at (vault-http.md 6.3). */
export function operationOf({ method, query }: Pick<FastifyRequest, "method" | "query">): Operation {
  const { list } = (query ?? {}) as { readonly list?: unknown };
  const isAsked = typeof list === "string" && parseBool(list) === true;
  const lists = method === "GET" && isAsked;
  return lists ? "list" : (OPERATIONS[method] ?? "read");
}

/** Behind `/v1/`; of a list with a slash at its end. */
function pathOf(request: FastifyRequest): string {
  const { url = "", config } = routeOf(request);
  const { policyPath: known } = config;
  if (known !== undefined) return known;
  const params = textsByName(request.params);
  const path = url
    .split("/")
    .map((segment) =>
      segment === "*" ? (params["*"] ?? "") : segment.startsWith(":") ? (params[segment.slice(1)] ?? "") : segment,
    )
    .join("/");
  return policyPath(path, operationOf(request));
}

/** Names below, and those of roles, are kept in lower case: however they are sent, the same policy is meant. */
const LOWER_CASE = ["sys/policies/acl/", "sys/policy/"];

/** A path as policies name it. */
export function policyPath(path: string, operation: Operation): string {
  const given = path.startsWith("/v1/") ? path.slice("/v1/".length) : path.slice(1);
  const inside = LOWER_CASE.some((one) => given.startsWith(one))
    ? given.toLowerCase()
    : given.replace(
        /^(auth\/[^/]+\/(?:role|certs)\/)(.*)$/s,
        (_all, head: string, role: string) => head + role.toLowerCase(),
      );
  return operation === "list" && !inside.endsWith("/") ? `${inside}/` : inside;
}

/** Of a write its body, of anything else its query; and the schema of its fields. */
export function sentWith(
  request: FastifyRequest,
): readonly [sent: readonly (readonly [string, unknown])[], schema: FieldsSchema | undefined] {
  const { method, body, query } = request;
  const { body: inBody, querystring } = (routeOf(request).schema ?? {}) as Readonly<Record<string, FieldsSchema>>;
  const [sent, schema] = method === "PUT" || method === "POST" ? [body, inBody] : [query, querystring];
  return [Object.entries(sent ?? {}), schema];
}

/** The same, each as its field will read it. */
export function parametersOf(request: FastifyRequest): Parameters {
  return sentAs(...sentWith(request));
}

/** Whoever means a namespace must not be answered from here, as if it were theirs: nor on the ways in (vault-http.md 1.3). */
export function refuseNamespace(headers: IncomingHttpHeaders): void {
  const namespace = headers["x-vault-namespace"] ?? "";
  if (!["", "/", "root", "root/"].includes(String(namespace))) {
    throw new HttpError(404, ["namespaces are not supported"]);
  }
}
