import type { Call, Client } from "../../protocol/client.ts";
import { exchange, get } from "../../protocol/endpoint.ts";
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
import { inBackground } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { labelled, withinLess } from "../process/door.ts";
import { waitedFor } from "../process/turns.ts";
import { laneNameOf } from "../record/grant.ts";
import { asEachClient, isInvalidClient, secretKey, secretsOf } from "../server/clients.ts";
import { learn } from "../server/replace-record.ts";
import { wakeRows } from "../server/replan.ts";
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
  /** The row that waits for it, if there is one. */
  readonly row?: string;
  /** The secret to begin with, where the credential knows one: a token in doubt goes out with no other. */
  readonly secret?: number | undefined;
  /** For whom it is: the user agent of its token requests names a login's device at some servers (FC-80). */
  readonly label?: string;
  /** Nothing that it carries can be used once only, so that it may be sent again with another method; else it may not. */
  repeatable?(server: ResolvedServer): boolean;
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
  const { breakers } = context;
  const lane = laneOfServer(server.mount, laneNameOf({ ...server, server: server.name }));
  const as = labelled(server.provider, call, asked.label);
  const ask = async (client: Client): Promise<TokenResponse> => {
    if (breakers.isFailing(lane)) breakers.take(lane);
    const nobody = breakers.looksFirst(lane) ? await lookAt(context, server, call) : undefined;
    const answer = nobody ?? (await exchange(asked.request(server, client, as)));
    if (!(answer instanceof TransportError)) await keep?.(answer);
    const response = responseOf(server, answer, asked, secretsOf(client));
    const silent = isSilence(answer) ? (nobody ? "look" : "request") : undefined;
    const back = breakers.observe(lane, { outcome: response.outcome, silent, row: asked.row });
    if (back.length > 0) inBackground(context, "wake_rows", waitedFor(breakers, lane, wakeRows(context, back)));
    return response;
  };
  const repeatable = asked.repeatable?.(server) ?? false;
  const asking = { ask, isUnknown: isInvalidClient, first: asked.secret, repeatable, teaches: true };
  const response = await asEachClient<TokenResponse>(context, server, asking);
  if (response.outcome.kind === "tokens") await remember(context, server, response.secret);
  return response;
}

/** A look at a server that was silent; less than readers' turns are apart. Seconds. */
const LOOK_S = 3;

/**
 * Asks the token endpoint something that is never lost (RFC 6749 3.2: a GET is no token request). Undefined: somebody is
 * there, whatever the answer.
 */
async function lookAt(context: Context, { metadata }: ResolvedServer, call: Call): Promise<TransportError | undefined> {
  const { token_endpoint: endpoint } = metadata;
  if (endpoint === undefined) return undefined;
  const answer = await withinLess(context, LOOK_S, call, (less) => exchange(get(endpoint, less)));
  return isSilence(answer) || isUnsent(answer) ? new TransportError(answer.code, false) : undefined;
}

/** An operation is ended when its time is over, so to it that is an abort. */
function isSilence(answer: HttpResponse | TransportError): answer is TransportError {
  return answer instanceof TransportError && (answer.code === "timeout" || answer.code === "aborted");
}

function isUnsent(answer: HttpResponse | TransportError): answer is TransportError {
  return answer instanceof TransportError && !answer.sent;
}

/** What has worked is taken first from now on. */
async function remember(context: Context, server: ResolvedServer, secret: number): Promise<void> {
  context.caches.lastSecret.set(secretKey(server), secret);
  if (server.others.length === 0 || server.record.learned?.works) return;
  await learn(context, server, { works: true });
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
