import {
  type Event,
  type Grant,
  type Issue,
  type Issued,
  isOperatorReason,
  operationTimeout,
  transition,
} from "../../credential/index.ts";
import { clientCredentialsRequest } from "../../protocol/client-credentials.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { whileHeld } from "../process/lease.ts";
import { moment } from "../process/random.ts";
import { commit } from "../record/commit.ts";
import { openContent, type SelfContent, selfRow } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import { joinScopes, type ReadyOperation, secondsLeft } from "../server/operation.ts";
import { problemEvent, resolveServer } from "../server/resolve-server.ts";
import { attempt, type Flow, neverLate, refusalIn } from "./attempt.ts";
import { noteProblem } from "./of-credential.ts";
import { refusalOf } from "./refusal.ts";
import type { TokenRequest, TokenResponse } from "./token-request.ts";

/** First words of every text about client credentials. */
export const SELF_PREFIX = "client credentials flow failed: ";

/** What is asked for with client credentials (RFC 6749 4.4). */
export interface SelfGrant {
  readonly grant: Grant;
  readonly tokenUrlParams: Readonly<Record<string, string>>;
}

export function asking({ grant, tokenUrlParams }: SelfGrant): TokenRequest {
  return {
    prefix: SELF_PREFIX,
    secrets: Object.values(tokenUrlParams).filter((value) => value !== ""),
    repeatable: () => true,
    request: (server, client, call) => {
      const scope = joinScopes(server, grant.scopes);
      const ofServer = server.provider.parameters.filter(([name]) => !Object.hasOwn(tokenUrlParams, name));
      const parameters = [...ofServer, ...Object.entries(tokenUrlParams)];
      return clientCredentialsRequest(server.metadata, client, { scope, parameters }, call);
    },
  };
}

/** The first token of a grant that is being written. Throws `BrokerError`. */
export function obtainSelf(context: Context, operation: ReadyOperation, asked: SelfGrant): Promise<Issue> {
  const { server } = operation;
  const flow: Flow<Issue> = {
    ...asking(asked),
    server: async () => server,
    unusable: ({ message }) => Promise.reject(new Error(message)),
    settle: async (meaning) => {
      if (meaning.kind === "issued") return { ...meaning.issue, renewable: true };
      throw refusalOf(refusalIn(meaning), "repeatable");
    },
    late: neverLate,
  };
  return within(context, secondsLeft(context, operation), (call) => attempt(context, flow, call));
}

/** A new grant for a claimed row: there is no refresh token, but it is as good. */
export async function renewSelf(context: Context, claimed: Claimed): Promise<void> {
  const { row, claim } = claimed;
  const content = openContent<SelfContent>(context, row);
  const { credential, tokenUrlParams } = content;
  // Nobody else's consent is bound to a client: each new token is the present one's.
  const { client: _, ...grant } = credential.grant;
  const settle = async (event: Event): Promise<true> => {
    const next = (transition(credential, event, moment(context)) ?? credential) as Issued;
    await commit(context, () =>
      context.store.settle({ row: selfRow(context, row, { ...content, credential: next }), by: { claim } }),
    );
    return true;
  };
  const flow: Flow<true> = {
    ...asking({ grant, tokenUrlParams }),
    server: (call) => resolveServer(context, row.mount, grant, call),
    unusable: (problem) => {
      noteProblem(context, row, problem);
      return settle(problemEvent(problem, SELF_PREFIX, false));
    },
    settle: (meaning) =>
      settle(
        meaning.kind === "issued"
          ? { type: "issued", issue: { ...meaning.issue, renewable: true } }
          : trouble(refusalIn(meaning)),
      ),
    late: neverLate,
  };
  const seconds = operationTimeout(await settingsOf(context, row.mount), 0, 0);
  await whileHeld(context, claimed, seconds, (call) => attempt(context, flow, call));
}

/** Client credentials have no grant that could die: a refusal is the operator's to mend, and the next read asks again. */
export function trouble({ outcome, text }: TokenResponse): Event {
  if (outcome.kind === "tokens") throw new Error("tokens are no trouble");
  const ends = outcome.kind === "refused" && !isOperatorReason(outcome.error.code);
  if (ends) return { type: "server-unusable", reason: "unauthorized_client", text, doubt: false };
  // Nothing is consumed by a request without an answer.
  const harmless = outcome.kind === "ambiguous" ? { ...outcome, kind: "unavailable" as const } : outcome;
  return { type: "refused", outcome: harmless, text, doubt: false };
}
