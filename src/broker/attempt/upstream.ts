import { isOperatorReason } from "../../credential/index.ts";
import type { Answer } from "../../protocol/answer.ts";
import type { Call, Client } from "../../protocol/client.ts";
import { exchange } from "../../protocol/endpoint.ts";
import type { TokenOutcome } from "../../protocol/outcome.ts";
import { applyQuirks } from "../../protocol/quirks.ts";
import {
  oauthErrorText,
  processTokenAnswer,
  transportOutcome,
  withoutPolling,
  withoutSecrets,
} from "../../protocol/token-answer.ts";
import { TransportError } from "../../protocol/transport-error.ts";
import { laneOfServer } from "../../store/lanes.ts";
import type { Context } from "../process/context.ts";
import { laneNameOf } from "../record/destination.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import { findServer } from "../server/server-record.ts";

/** A token endpoint's outcome with its text for readers (oauthapp.md 1.3, with its prefix). */
export interface Told {
  readonly outcome: TokenOutcome;
  readonly text: string;
  /** Which of the server's secrets it was, from 0; absent for an answer that waited in escrow. */
  readonly secret?: number;
}

export interface TokenRequest {
  /** One request as one client; called again only after a complete answer `invalid_client`. */
  readonly send: (client: Client, call: Call) => Promise<Response>;
  /** Sees every complete answer before anybody parses it (escrow). */
  readonly keep?: (answer: Answer) => Promise<unknown>;
  /** The secret to begin with, where the credential knows one: a token in doubt goes out with no other. */
  readonly secret?: number;
  /** `refresh failed: ` and the like: first words of every text. */
  readonly prefix: string;
  /** Values the request carried, which no error text may repeat. */
  readonly secrets: readonly string[];
  /** A device poll: `slow_down` is an answer to it. */
  readonly polling?: boolean;
}

/**
 * One operation at a token endpoint, with the server's secrets in order. The next secret is tried only after a complete
 * answer `invalid_client`: after anything else the same token would be sent twice (faults.md technique 13).
 */
export async function requestTokens(
  context: Context,
  server: ResolvedServer,
  call: Call,
  request: TokenRequest,
): Promise<Told> {
  const refusals: string[] = [];
  const { lastSecret } = context.caches;
  const order = inOrder(server.clients.length, request.secret ?? lastSecret.get(server.id) ?? 0);
  for (const index of order) {
    const client = server.clients[index];
    if (!client) break;
    const told = await requestOnce(server, client, call, request);
    context.breakers.observe(laneOfServer(server.mount, laneNameOf({ ...server, server: server.name })), told.outcome);
    if (told.outcome.kind !== "refused" || told.outcome.error.code !== "invalid_client") {
      if (told.outcome.kind === "tokens") lastSecret.set(server.id, index);
      return { ...told, secret: index };
    }
    refusals.push(told.text);
    if (refusals.length === order.length) return { ...told, text: allRefused(refusals) };
  }
  throw new Error("a server has at least one client");
}

/**
 * An operator's fault that was mended while the request was away says nothing about the server as it is now: it counts as
 * trouble that passes, or the credential would wait for another write.
 */
export async function stillMeant(context: Context, server: ResolvedServer, told: Told): Promise<Told> {
  const { outcome, text } = told;
  if (outcome.kind !== "refused" || !isOperatorReason(outcome.error.code)) return told;
  const present = await findServer(context, server.mount, server.name);
  return present?.row.id === server.id ? told : { outcome: { kind: "unavailable", text }, text };
}

/** The server's clients, the one whose secret last worked first. */
export function secretsInOrder({ caches }: Context, server: ResolvedServer): readonly Client[] {
  const order = inOrder(server.clients.length, caches.lastSecret.get(server.id) ?? 0);
  return order.flatMap((index) => server.clients[index] ?? []);
}

/** All indexes below `length`, the remembered one first. */
function inOrder(length: number, first: number): readonly number[] {
  const indexes = Array.from({ length }, (_, index) => index);
  return [...indexes.filter((index) => index === first), ...indexes.filter((index) => index !== first)];
}

/** oauthapp.md 1.3: with one secret the plain text, with more a list. */
export function allRefused(texts: readonly string[]): string {
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return only;
  return ["provider request failed for all client secrets:", ...texts.map((text) => `\n\t\t* ${text}`)].join("");
}

async function requestOnce(server: ResolvedServer, client: Client, call: Call, request: TokenRequest): Promise<Told> {
  const answer = await exchange(request.send(client, call));
  if (answer instanceof TransportError) return tell(transportOutcome(answer), request.prefix, []);
  await request.keep?.(answer);
  return judgeAnswer(server, answer, request.prefix, [...request.secrets, ...secretsOf(client)], request.polling);
}

/** Quirks, then classification: also for an answer that waited in escrow. */
export function judgeAnswer(
  server: Pick<ResolvedServer, "provider">,
  answer: Answer,
  prefix: string,
  secrets: readonly string[],
  polling = false,
): Told {
  const proper = applyQuirks(answer, server.provider.quirks);
  const outcome = processTokenAnswer(proper);
  return tell(polling ? outcome : withoutPolling(outcome, proper), prefix, secrets);
}

function tell(outcome: TokenOutcome, prefix: string, secrets: readonly string[]): Told {
  if (outcome.kind === "tokens") return { outcome, text: "" };
  if (outcome.kind !== "refused") return { outcome, text: prefix + outcome.text };
  const error = withoutSecrets(outcome.error, secrets);
  return { outcome: { kind: "refused", error }, text: prefix + oauthErrorText(error) };
}

export function secretsOf(client: Client): readonly string[] {
  const { authentication } = client;
  return "secret" in authentication ? [authentication.secret] : [];
}
