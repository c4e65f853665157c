import type { Answer } from "../../protocol/answer.ts";
import type { Call, Client } from "../../protocol/client.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { applyQuirks } from "../../protocol/quirks.ts";
import { processRevocationAnswer, revocationRequest } from "../../protocol/revocation.ts";
import { transportOutcome } from "../../protocol/token-answer.ts";
import { TransportError } from "../../protocol/transport-error.ts";
import { expandRevocationUrl } from "../../providers/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { revocationLane } from "../record/destination.ts";
import { openContent, openEscrow, plainRow } from "../record/records.ts";
import { type RevocableToken, type Revocation, type RevocationOutcome, revocable } from "../record/revocation.ts";
import { type ResolvedServer, resolveServer, ServerProblem } from "../server/resolve-server.ts";
import { basicAuthorization } from "./basic-authorization.ts";
import { keepProving, proveEnd } from "./prove-end.ts";
import { judgeAnswer, secretsOf } from "./upstream.ts";

/** Waits between attempts: a minute doubling to six hours. Seconds. */
const RETRY = { first: 60, longest: 21_600 };

/** One attempt to revoke what a revocation row holds; the row goes when it is done or hopeless, else it is due again. */
export async function revokeCredential(context: Context, id: string, call: Call): Promise<RevocationOutcome> {
  const row = await context.store.readById(id);
  if (row?.kind !== "revocation") return { kind: "done" };
  const content = openContent<Revocation>(context, row);
  const outcome = await attempt(context, row, content, call);
  if (outcome.kind === "unproved") return keepProving(context, row, content, outcome);
  if (outcome.kind === "again" && context.clock.now() < content.until) {
    const wait = Math.min(RETRY.first * 2 ** Math.min(content.attempts, 20), RETRY.longest);
    const dueAt = context.clock.now() + Math.max(wait, outcome.retryAfter ?? 0) * 1000;
    const next = { ...content, attempts: content.attempts + 1 };
    const due = { server: revocationLane(content), task: "revoke", dueAt } as const;
    if (await context.store.write(plainRow(context, row, next, due), { id, revision: row.revision })) return outcome;
    // A late refresh added its successor meanwhile: that needs an attempt of its own.
    return { kind: "again", text: outcome.text };
  }
  const removed = await context.store.remove(id, row.revision);
  if (!removed) return { kind: "again", text: "a late answer is revoked too" };
  if (outcome.kind !== "done") context.log.warn("revocation_given_up", { mount: row.mount, id, cause: outcome.text });
  return outcome;
}

async function attempt(context: Context, row: Row, content: Revocation, call: Call): Promise<RevocationOutcome> {
  try {
    const server = await resolveServer(context, row.mount, content, call);
    const outcomes: RevocationOutcome[] = [];
    for (const token of [...content.tokens, ...(content.proof ? [] : escrowedTokens(context, server, row))]) {
      outcomes.push(await revokeToken(server, token, call));
    }
    // What can be tried again is; a token that was refused does not keep its successor alive.
    const open = outcomes.find(({ kind }) => kind === "again") ?? outcomes.find(({ kind }) => kind === "refused");
    return open ?? (await proveEnd(server, content, call));
  } catch (error) {
    if (!(error instanceof ServerProblem)) throw error;
    // Without the server there is no client to revoke as; with it, trouble passes.
    if (error.reason === "server_missing") return { kind: "refused", text: error.message };
    return { kind: "again", text: error.message };
  }
}

/** A refresh's answer that was in escrow when its credential was deleted: the successor must not stay alive. */
function escrowedTokens(context: Context, server: ResolvedServer, row: Row): readonly RevocableToken[] {
  const escrowed = openEscrow(context, row);
  const outcome = escrowed && judgeAnswer(server, escrowed.answer, "", []).outcome;
  return outcome?.kind === "tokens" ? revocable(outcome.tokens) : [];
}

/** With the server's secrets in order; the next only after a complete `invalid_client`, as everywhere. */
async function revokeToken(server: ResolvedServer, token: RevocableToken, call: Call): Promise<RevocationOutcome> {
  let last: RevocationOutcome = { kind: "refused", text: "a server has at least one client" };
  for (const client of server.clients) {
    last = await revokeAs(server, client, token, call);
    if (last.kind !== "refused" || last.code !== "invalid_client") return last;
  }
  return last;
}

async function revokeAs(
  server: ResolvedServer,
  client: Client,
  token: RevocableToken,
  call: Call,
): Promise<RevocationOutcome> {
  const own = server.provider.revocationCall;
  const secrets = [token.accessToken, token.refreshToken ?? "", ...server.clients.flatMap(secretsOf)];
  if (own) return outcomeOf(server, await exchange(ownCall(server, own, token.accessToken, call)), secrets);
  if (server.metadata.revocation_endpoint === undefined) {
    return { kind: "refused", text: "the provider offers no revocation" };
  }
  // RFC 7009 2.1: revoking the refresh token ends the access tokens of its grant as well.
  const { refreshToken, accessToken } = token;
  const what =
    refreshToken === undefined
      ? ({ token: accessToken, hint: "access_token" } as const)
      : ({ token: refreshToken, hint: "refresh_token" } as const);
  return outcomeOf(server, await exchange(revocationRequest(server.metadata, client, what, call)), secrets);
}

function outcomeOf(
  { provider }: ResolvedServer,
  answer: Answer | TransportError,
  secrets: readonly string[],
): RevocationOutcome {
  if (answer instanceof TransportError) {
    const outcome = transportOutcome(answer);
    return { kind: "again", text: "text" in outcome ? outcome.text : answer.code };
  }
  const judged = processRevocationAnswer(applyQuirks(answer, provider.quirks), secrets);
  return judged.kind === "revoked" ? { kind: "done" } : judged;
}

type OwnCall = NonNullable<ResolvedServer["provider"]["revocationCall"]>;

/** Where revocation is not RFC 7009 but a call of the provider's own API (GitHub, Slack): it names the access token. */
function ownCall({ record }: ResolvedServer, own: OwnCall, token: string, call: Call): Promise<Response> {
  const secret = record.clientSecrets[0] ?? "";
  const headers: Record<string, string> = {
    accept: "application/json",
    authorization: own.authorization === "client" ? basicAuthorization(record.clientId, secret) : `Bearer ${token}`,
  };
  const init: RequestInit = { method: own.method, headers, redirect: "manual", signal: call.signal };
  if (own.tokenMember !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify({ [own.tokenMember]: token });
  }
  return call.fetch(expandRevocationUrl(own, record.clientId), init);
}
