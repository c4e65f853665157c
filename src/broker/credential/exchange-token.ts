import { type Issued, isShort, operationTimeout, secondsLeft } from "../../credential/index.ts";
import { isResource } from "../../protocol/extra-parameters.ts";
import { laneOf } from "../../store/lanes.ts";
import type { Row } from "../../store/port.ts";
import { attempt } from "../attempt/attempt.ts";
import { exchangeFlow } from "../attempt/exchange.ts";
import type { ExchangeInput, TokenView } from "../broker.ts";
import { BrokerError, invalid } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Exchanged } from "../process/caches.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { settingsOf } from "../record/settings.ts";
import { findServer } from "../server/server-record.ts";
import { tokenView } from "../token-view.ts";
import { type ReadIssued, readableCredential, readIssued } from "./read-credential.ts";

/** Token exchange (RFC 8693) of a credential's access token; cached while enough life is left. */
export async function exchangeToken(
  context: Context,
  mount: string,
  name: string,
  input: ExchangeInput,
): Promise<TokenView | undefined> {
  requireResources(input.resources);
  const subject = await readIssued(context, readableCredential(context, mount, name), 0);
  if (!subject) return undefined;
  const key = await cacheKey(context, mount, subject, input);
  const wanted = Math.max(10, input.minimumSeconds);
  const known = context.caches.exchanged.get(key);
  if (known && lasts(context, known.issued, wanted)) return exchangedView(context, known);
  const flight = context.caches.exchangeFlights.get(key) ?? startExchange(context, mount, subject, input, key);
  const exchanged = await flight;
  // Delete wins: also over an exchange that was under way.
  const present = await context.store.read(subject.row);
  if (present?.id !== subject.row.id) return undefined;
  const left = secondsLeft(exchanged.issued, context.clock.now());
  if (left !== undefined && isShort(left, input.minimumSeconds)) {
    const text = `token is valid for ${Math.floor(left)} s, less than the ${input.minimumSeconds} s asked for`;
    const { expiresAt } = exchanged.issued;
    throw new BrokerError("refused", text, {
      reason: "token_too_short",
      ...(expiresAt !== undefined && { expiresAt }),
    });
  }
  return exchangedView(context, exchanged);
}

function requireResources(resources: readonly string[]): void {
  if (!resources.every(isResource))
    throw invalid("resources must be absolute URIs without fragment", { reason: "invalid_target" });
}

/** As sets: order and repetition do not matter. A rewrite, a refresh or a server write changes a part of the key. */
async function cacheKey(context: Context, mount: string, { row, state }: ReadIssued, input: ExchangeInput) {
  const server = await findServer(context, mount, state.grant.server);
  const sets = [input.scopes, input.audiences, input.resources].map((values) => [...new Set(values)].sort());
  return JSON.stringify([row.id, state.issuedAt, server?.id ?? null, ...sets]);
}

function lasts(context: Context, issued: Issued, wanted: number): boolean {
  const left = secondsLeft(issued, context.clock.now());
  return left !== undefined && left >= wanted;
}

function exchangedView(context: Context, { issued, issuedTokenType }: Exchanged): TokenView {
  const view = tokenView(issued, context.clock.now());
  return issuedTokenType === undefined ? view : { ...view, issuedTokenType };
}

function startExchange(
  context: Context,
  mount: string,
  subject: ReadIssued,
  input: ExchangeInput,
  key: string,
): Promise<Exchanged> {
  requireTurn(context, subject.row);
  const { exchanged, exchangeFlights } = context.caches;
  const flight = detach(context, exchange(context, mount, subject, input))
    .then((made) => {
      // Without an expiry nobody could say when it ends; it is handed out once.
      if (made.issued.expiresAt !== undefined) exchanged.set(key, made);
      return made;
    })
    .finally(() => exchangeFlights.delete(key));
  exchangeFlights.set(key, flight);
  return flight;
}

/** A server that is left alone is asked no more often than for any other reader (FC-32). */
function requireTurn({ breakers }: Context, row: Row): void {
  const lane = laneOf(row);
  const wait = lane === undefined || breakers.wait(lane) === 0 ? 0 : breakers.turn(lane);
  if (wait === 0) return;
  const retryAfter = Math.ceil(wait / 1000);
  throw new BrokerError("wait", "the authorization server does not answer", {
    reason: "temporarily_unavailable",
    retryAfter,
  });
}

async function exchange(
  context: Context,
  mount: string,
  { state }: ReadIssued,
  input: ExchangeInput,
): Promise<Exchanged> {
  const seconds = operationTimeout(await settingsOf(context, mount), undefined, 0);
  const flow = exchangeFlow(context, mount, state, input);
  return within(context, seconds, (call) => attempt(context, flow, call));
}
