import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Principal } from "../../access/authenticator.ts";
import { isWithin } from "../../access/cidr.ts";
import { limited } from "../../broker/errors.ts";
import { denied } from "../answer/http-error.ts";
import type { Deps } from "../app-types.ts";
import { placeOf } from "./place.ts";

/** `X-Vault-Token`, else `Authorization: Bearer` (vault-http.md 1.3). */
export function tokenOf(headers: IncomingHttpHeaders): string {
  const own = headers["x-vault-token"];
  if (typeof own === "string" && own !== "") return own;
  return /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** Whether a token is meant to be there, even an empty one. */
export function sendsToken(headers: IncomingHttpHeaders): boolean {
  return tokenOf(headers) !== "" || /^Bearer\b/i.test(headers.authorization ?? "");
}

/** Wrong tokens of one network in a minute, which are answered and noted one by one. */
const WRONG_PER_MINUTE = 20;

/**
 * Whose token a request brings, if it is a good one. Wrong ones are counted: then it is a 429, and no line in the log. A right
 * one holds all the same, since whoever shares an address with a guesser (a company's, an untold proxy's) must not be locked
 * out by him; what makes a guess hopeless is the length of tokens.
 */
export function principalOf(request: FastifyRequest, deps: Deps): Promise<Principal | undefined> {
  const known = callers.get(request) ?? authenticated(request, deps);
  callers.set(request, known);
  return known;
}

/** Asked once for each request: a wrong token is counted, and so is the use of one that has few. */
const callers = new WeakMap<FastifyRequest, Promise<Principal | undefined>>();

interface Holder {
  readonly principal: Principal;
  readonly token: string;
}

const holders = new WeakMap<FastifyRequest, Holder>();

/** Whose token a request brings, and which, if somebody has asked and it is a good one. */
export function knownHolder(request: FastifyRequest): Holder | undefined {
  return holders.get(request);
}

async function authenticated(request: FastifyRequest, deps: Deps): Promise<Principal | undefined> {
  return holderOf(tokenOf(request.headers), request, deps);
}

/** Whose token this is, wherever in the request it was; a wrong one is counted. */
export async function holderOf(token: string, request: FastifyRequest, deps: Deps): Promise<Principal | undefined> {
  if (token === "") return undefined;
  const principal = await deps.authenticate(token);
  const { address } = placeOf(request, deps);
  if (principal && !isWithin(principal.token?.boundCidrs ?? [], address)) return undefined;
  if (principal) {
    holders.set(request, { principal, token });
    return principal;
  }
  countWrong(request, deps);
  return undefined;
}

/** A guess at a token, or at one that holds an answer. Throws a 429 after too many of one network in a minute. */
export function countWrong(request: FastifyRequest, deps: Deps, isWrapping = false): void {
  const { address, network } = placeOf(request, deps);
  const wait = deps.limiter.take("wrong token", network, WRONG_PER_MINUTE);
  if (wait > 0) throw limited("rate_limited", "too many wrong tokens came from your address", wait);
  deps.logger.warn(isWrapping ? "wrong_wrapping_token" : "wrong_token", { requestId: request.id, address });
}

/** The caller, or a 403 that does not say why. */
export async function requirePrincipal(request: FastifyRequest, deps: Deps): Promise<Principal> {
  const principal = await principalOf(request, deps);
  if (!principal) throw denied();
  return principal;
}
