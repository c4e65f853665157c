import type { Call, Client } from "../../protocol/client.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { applyQuirks } from "../../protocol/quirks.ts";
import type { HttpResponse } from "../../protocol/response/http-response.ts";
import type { TokenOutcome } from "../../protocol/response/outcome.ts";
import {
  ofRefresh,
  processTokenResponse,
  transportOutcome,
  withoutPolling,
  withText,
} from "../../protocol/response/token-response.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { laneOfServer } from "../../store/lanes.ts";
import type { Context } from "../process/context.ts";
import { labelled } from "../process/door.ts";
import { laneNameOf } from "../record/grant.ts";
import { asEachClient, isInvalidClient, secretsOf } from "../server/clients.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";

/** What came from a token endpoint, with its text for readers (oauthapp.md 1.3). */
export interface TokenResponse {
  readonly outcome: TokenOutcome;
  readonly text: string;
  /** Which of the server's secrets it was, from 0; absent for an answer that waited in escrow. */
  readonly secret?: number;
}

/** How a token endpoint is asked. */
export interface TokenRequest {
  /** First words of every text: `refresh failed: ` and the like. */
  readonly prefix: string;
  /** Values the request carries, which no error text may repeat. */
  readonly secrets: readonly string[];
  /** A device poll: `slow_down` is an answer to it. */
  readonly polling?: boolean;
  /** A refresh: an error counts in whatever members it is told. */
  readonly refreshing?: boolean;
  /** The secret to begin with, where the credential knows one: a token in doubt goes out with no other. */
  readonly secret?: number | undefined;
  /** For whom it is: the user agent of its token requests names a login's device at some servers (FC-80). */
  readonly label?: string;
  /** One request as one client. */
  request(server: ResolvedServer, client: Client, call: Call): Promise<Response>;
}

/** Asks a token endpoint, with the server's secrets in order. `keep` sees every complete answer before anybody parses it. */
export async function requestTokens(
  context: Context,
  server: ResolvedServer,
  asked: TokenRequest,
  call: Call,
  keep?: (answer: HttpResponse) => Promise<unknown>,
): Promise<TokenResponse> {
  const lane = laneOfServer(server.mount, laneNameOf({ ...server, server: server.name }));
  const as = labelled(server.provider, call, asked.label);
  const ask = async (client: Client): Promise<TokenResponse> => {
    const answer = await exchange(asked.request(server, client, as));
    if (!(answer instanceof TransportError)) await keep?.(answer);
    const response = responseOf(server, answer, asked, secretsOf(client));
    context.breakers.observe(lane, response.outcome);
    return response;
  };
  const response = await asEachClient(context, server, ask, isInvalidClient, asked.secret);
  if (response.outcome.kind === "tokens") context.caches.lastSecret.set(server.id, response.secret);
  return response;
}

/** Quirks, then classification; also of an answer that waited in escrow. */
export function responseOf(
  { provider: { quirks } }: Pick<ResolvedServer, "provider">,
  answer: HttpResponse | TransportError,
  {
    prefix,
    secrets,
    polling = false,
    refreshing = false,
  }: Pick<TokenRequest, "prefix" | "secrets" | "polling" | "refreshing">,
  ofClient: readonly string[] = [],
): TokenResponse {
  if (answer instanceof TransportError) return withText(transportOutcome(answer), prefix, []);
  const proper = applyQuirks(answer, quirks);
  const told = processTokenResponse(proper);
  const outcome = refreshing ? ofRefresh(told, proper) : told;
  return withText(polling ? outcome : withoutPolling(outcome, proper), prefix, [...secrets, ...ofClient]);
}
