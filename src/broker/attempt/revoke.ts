import { forRevocation } from "../../protocol/client/choose-auth-method.ts";
import type { Call, Client } from "../../protocol/client.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { whoAmI } from "../../protocol/identity/who-am-i.ts";
import { applyQuirks } from "../../protocol/quirks.ts";
import type { HttpResponse } from "../../protocol/response/http-response.ts";
import { transportOutcome } from "../../protocol/response/token-response.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { ownRevocationRequest, processRevocationResponse, revocationRequest } from "../../protocol/revocation.ts";
import { expandRevocationUrl } from "../../providers/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { revocationLane } from "../record/grant.ts";
import { newsRow, type RevocationResult } from "../record/news.ts";
import { removeLogin } from "../record/own-client.ts";
import { openContent, openEscrow, plainRow } from "../record/records.ts";
import {
  type RevocableToken,
  type Revocation,
  type RevocationAttemptOutcome,
  revocable,
} from "../record/revocation.ts";
import { asEachClient, secretsOf } from "../server/clients.ts";
import { callTo, movedProblem, type ResolvedServer, resolveServer, ServerProblem } from "../server/resolve-server.ts";
import { responseOf } from "./token-request.ts";
import { accountApiOf } from "./whose-login.ts";

/** Waits between attempts: a minute doubling to six hours. Seconds. */
const RETRY = { first: 60, longest: 21_600 };

/** It was added to the row meanwhile. */
const SUCCESSOR = { kind: "again", text: "a late answer is revoked too" } as const;

/** One attempt to revoke what a revocation row holds; the row goes when it is done or hopeless, else it is due again. */
export async function revokeCredential(context: Context, id: string, call: Call): Promise<RevocationAttemptOutcome> {
  const row = await context.store.readById(id);
  if (row?.kind !== "revocation") return { kind: "done" };
  const content = openContent<Revocation>(context, row);
  const outcome = await revokeRow(context, row, content, call);
  const mount = context.mounts.pathOf(row.mount);
  const { name } = row;
  const about = { operation: "revoke", mount, name: content.name ?? name, server: content.server };
  context.audit.background({ ...about, result: outcome.kind }, context.clock.now());
  return outcome;
}

async function revokeRow(
  context: Context,
  row: Row,
  content: Revocation,
  call: Call,
): Promise<RevocationAttemptOutcome> {
  const { id } = row;
  const outcome = await revoke(context, row, content, call);
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
  const result = outcome.kind === "again" ? "given_up" : outcome.kind === "done" ? "revoked" : "refused";
  const removed = await remove(context, row, content, result);
  if (!removed) return SUCCESSOR;
  if (outcome.kind !== "done") context.log.warn("revocation_given_up", { mount: row.mount, id, cause: outcome.text });
  return outcome;
}

async function remove(context: Context, row: Row, content: Revocation, result: RevocationResult): Promise<boolean> {
  if (!content.ends) return context.store.remove(row);
  const { about } = content;
  const news = about && newsRow(context, { type: "login.revoked", at: context.clock.now(), about, result });
  const removed = await removeLogin(context, row, content, news);
  if (news) context.wake();
  return removed;
}

async function revoke(
  context: Context,
  row: Row,
  content: Revocation,
  within: Call,
): Promise<RevocationAttemptOutcome> {
  if (content.tokens.length === 0 && !content.proof && row.escrow === null) return { kind: "done" };
  const server = await resolveServer(context, row.mount, content, within);
  if (server instanceof ServerProblem) {
    // Without the server there is no client to revoke as; with it, trouble passes.
    return { kind: server.reason === "server_missing" ? "refused" : "again", text: server.message };
  }
  const call = callTo(server, within);
  const outcomes: RevocationAttemptOutcome[] = [];
  for (const token of [...content.tokens, ...(content.proof ? [] : escrowedTokens(context, server, row))]) {
    const ask = (client: Client) => revokeAs(server, client, token, call);
    // Its endpoint may take other methods than the token endpoint, so that it teaches nothing about that.
    const asking = { ask, isUnknown: isUnknownClient, first: 0, repeatable: true, teaches: false };
    outcomes.push(await asEachClient(context, server, asking));
  }
  // What can be tried again is; a token that was refused does not keep its successor alive.
  const open = outcomes.find(({ kind }) => kind === "again") ?? outcomes.find(({ kind }) => kind === "refused");
  return open ?? proveEnd(server, content, call);
}

function isUnknownClient(outcome: RevocationAttemptOutcome): boolean {
  return outcome.kind === "refused" && outcome.code === "invalid_client";
}

/** A refresh's answer that was in escrow when its credential was deleted: the successor must not stay alive. */
function escrowedTokens(context: Context, server: ResolvedServer, row: Row): readonly RevocableToken[] {
  const escrowed = openEscrow(context, row);
  const outcome = escrowed && responseOf(server, escrowed.answer, { prefix: "", secrets: [] }).outcome;
  return outcome?.kind === "tokens" ? revocable(outcome.tokens) : [];
}

async function revokeAs(
  server: ResolvedServer,
  client: Client,
  token: RevocableToken,
  call: Call,
): Promise<RevocationAttemptOutcome> {
  const own = server.provider.revocationCall;
  const secrets = [token.accessToken, token.refreshToken ?? "", ...server.clients.flatMap(secretsOf)];
  if (own) {
    const { clientId, clientSecrets } = server.record;
    const sent = { ...own, url: expandRevocationUrl(own, clientId) };
    const as = { clientId, secret: clientSecrets[0] ?? "" };
    return outcomeOf(server, await exchange(ownRevocationRequest(sent, as, token.accessToken, call)), secrets);
  }
  const moved = movedProblem(server.name, server.moved, "revocation_endpoint");
  // It waits for somebody to write the record again, as long as any revocation waits.
  if (moved) return { kind: "again", text: moved.message };
  if (server.metadata.revocation_endpoint === undefined) {
    return { kind: "refused", text: "the provider offers no revocation" };
  }
  // RFC 7009 2.1: revoking the refresh token ends the access tokens of its grant as well.
  const { refreshToken, accessToken } = token;
  const what =
    refreshToken === undefined
      ? ({ token: accessToken, hint: "access_token" } as const)
      : ({ token: refreshToken, hint: "refresh_token" } as const);
  return outcomeOf(
    server,
    await exchange(revocationRequest(server.metadata, forRevocation(server.metadata, client), what, call)),
    secrets,
  );
}

function outcomeOf(
  { provider }: ResolvedServer,
  answer: HttpResponse | TransportError,
  secrets: readonly string[],
): RevocationAttemptOutcome {
  if (answer instanceof TransportError) {
    const outcome = transportOutcome(answer);
    return { kind: "again", text: "text" in outcome ? outcome.text : answer.code };
  }
  const judged = processRevocationResponse(applyQuirks(answer, provider.quirks), secrets);
  return judged.kind === "revoked" ? { kind: "done" } : judged;
}

/** MX-L3: how long an API may go on with what it remembers of a token, and how often it is asked. Milliseconds. */
const PROOF_LIFE_MS = 180_000;
const AGAIN_MS = 15_000;

/**
 * Asks the API whether it still takes the access token of a grant that was just revoked. The authorization server's 200 is
 * no proof: with a wrong hint some answer it and revoke nothing. Where there is no such API its word is all there is.
 */
async function proveEnd(
  server: ResolvedServer,
  { tokens, proof }: Revocation,
  call: Call,
): Promise<RevocationAttemptOutcome> {
  const accessToken = proof?.accessToken ?? tokens.at(-1)?.accessToken ?? "";
  const api = accountApiOf(server);
  if (!api || accessToken === "") return { kind: "done" };
  const who = await whoAmI(api.url, accessToken, api.account, call);
  if (who.kind === "refused") return { kind: "done" };
  const text =
    who.kind === "account"
      ? "the account's server still accepts its access token"
      : "the account's server could not be asked whether its access token has ended";
  return { kind: "unproved", text, accessToken };
}

/** What is left of a revocation: to look again, until its time is over. */
async function keepProving(
  context: Context,
  row: Row,
  content: Revocation,
  outcome: Extract<RevocationAttemptOutcome, { kind: "unproved" }>,
): Promise<RevocationAttemptOutcome> {
  const now = context.clock.now();
  const proof = content.proof ?? { accessToken: outcome.accessToken, until: now + PROOF_LIFE_MS };
  const { id, mount, revision } = row;
  if (now >= proof.until) {
    if (!(await remove(context, row, content, "unproved"))) return SUCCESSOR;
    context.log.warn("revocation_unproved", { mount, id, server: content.server, cause: outcome.text });
    return outcome;
  }
  const due = { server: revocationLane(content), task: "revoke", dueAt: now + AGAIN_MS } as const;
  const next: Revocation = { ...content, tokens: [], proof };
  const kept = await context.store.write(plainRow(context, row, next, due), { id, revision });
  // A late refresh added its successor meanwhile: that is revoked first.
  return kept ? outcome : SUCCESSOR;
}
