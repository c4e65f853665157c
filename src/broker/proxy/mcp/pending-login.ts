import { addressProblem, type Need, type PendingLogin } from "../../../mcp/sign-in-calls.ts";
import { statusOf } from "../../../session/index.ts";
import { pendingView } from "../../credential/pending-view.ts";
import { BrokerError, type PendingView } from "../../errors.ts";
import type { Context } from "../../process/context.ts";
import { renewFound } from "../../session/renew-login.ts";
import type { FoundSession } from "../../sessions.ts";
import { type Exchange, SESSION_HEADER } from "./exchange.ts";

/** The login of a session that waits for a person, as agents are told of it. */
export function pendingLogin(context: Context, found: FoundSession): PendingLogin | undefined {
  const waiting = waitingOf(context, found);
  if (!waiting) return undefined;
  const { verificationUri, verificationUriComplete, url = "", userCode: code, expiresAt } = waiting.view;
  return {
    id: context.seal.fingerprint(`mcp login ${waiting.name}`).slice(0, 22),
    address: verificationUri ?? url,
    ...(verificationUriComplete !== undefined && { addressWithCode: verificationUriComplete }),
    ...(code !== undefined && { code }),
    expiresAt,
  };
}

/** The same as programs see it. */
export function pendingPrompt(context: Context, found: FoundSession): PendingView | undefined {
  return waitingOf(context, found)?.view;
}

function waitingOf({ clock }: Context, { name, state, renewal }: FoundSession) {
  for (const one of [...(renewal ? [renewal] : []), { name, state }]) {
    const status = statusOf(one.state, clock.now());
    if (status.kind === "pending") return { name: one.name, view: pendingView(status.credential) };
  }
  return undefined;
}

/** The login that waits, begun if there is none (MCP-L5); or why there cannot be one. */
export async function neededLogin(exchange: Exchange, scopes: readonly string[]): Promise<Need> {
  const { context, found, request } = exchange;
  const wanted = scopes.length > 0 && { scopes };
  try {
    const login = pendingLogin(context, await renewFound(context, found, scopes, request.caller));
    const problem = login && addressProblem(login);
    if (problem !== undefined) return { problem, ...wanted };
    if (login) return { login, ...wanted };
    return { problem: "the server does not take the login that was just approved", ...wanted };
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    return { problem: error.message, ...wanted };
  }
}

/** Remembers that an agent was told of a login; true: for the first time. */
export function noteTold({ context, found, headers }: Exchange, { login }: Need): boolean {
  if (!login) return false;
  const { told } = context.caches.gateway;
  const key = `${login.id}\n${headers[SESSION_HEADER] ?? ""}`;
  const isNews = !told.has(key);
  told.set(key, 1);
  told.set(found.id, 1);
  return isNews;
}

/** Whether an agent of this session has been told to sign in. */
export function wasTold({ context, found }: Exchange): boolean {
  return context.caches.gateway.told.has(found.id);
}
