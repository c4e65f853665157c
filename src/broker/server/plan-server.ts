import { NO_LIVES } from "../../credential/index.ts";
import { chooseAuthMethod } from "../../protocol/client/choose-auth-method.ts";
import { expandProvider, type Provider } from "../../providers/index.ts";
import { belongsToSession } from "../../session/index.ts";
import type { ServerInput, ServerPlan, ServerUses } from "../broker.ts";
import type { Context } from "../process/context.ts";
import { isLaneOf } from "../record/grant.ts";
import { eachOfKind } from "../record/rows.ts";
import { lanesOf } from "./lanes.ts";
import { givenProvider, givenSecrets, withoutRenewal } from "./server-input.ts";
import { findServer, NO_SESSION_ACCESS, type ServerRecord } from "./server-record.ts";
import { sessionAccessOf } from "./session-access.ts";
import { livesOf } from "./token-lives.ts";

/**
 * What a write of this record would change. Nothing is written, and nobody asked: what only the server's metadata decide is not
 * compared, nor a client that the broker registered itself. Throws `BrokerError` for an unknown provider.
 */
export async function planServer(
  context: Context,
  mount: string,
  name: string,
  input: ServerInput,
): Promise<ServerPlan> {
  const provider = givenProvider(input);
  const stored = await findServer(context, mount, name);
  if (!stored) return { action: "create", changes: [] };
  const changes = changesOf(context, stored.record, input, provider);
  return { action: changes.length === 0 ? "same" : "change", changes };
}

type Field = keyof ServerInput;

function changesOf(context: Context, record: ServerRecord, input: ServerInput, provider: Provider): readonly Field[] {
  const { sessions = NO_SESSION_ACCESS, lives = NO_LIVES } = record;
  const wanted = { sessions: sessionAccessOf(input, context.allowHttp), lives: livesOf(input) };
  const isCurrent = record.provider === provider.id && record.providerVersion === provider.version;
  const { clientAssertionAud: aud = "" } = record;
  const pairs: readonly (readonly [Field, was: unknown, is: unknown])[] = [
    ["provider", true, isCurrent],
    ["providerOptions", record.providerOptions, withoutRenewal(input.providerOptions)],
    ["authUrlParams", record.authUrlParams, input.authUrlParams],
    ...clientPairs(record, input, provider),
    ["clientKey", record.clientKey, input.clientKey],
    ["clientKeyId", record.clientKeyId, input.clientKeyId],
    ["clientAssertionAlg", record.clientAssertionAlg, input.clientAssertionAlg],
    ["clientAssertionAud", aud, input.clientAssertionAud],
    ["initialAccessToken", record.initialAccessToken, input.initialAccessToken],
    ["defaultExpirySeconds", lives.assumed, wanted.lives.assumed],
    ["maximumExpirySeconds", lives.longest, wanted.lives.longest],
    ["allowSessions", sessions.allowed, wanted.sessions.allowed],
    ["sessionFlow", sessions.flow, wanted.sessions.flow],
    ["redirectUri", sessions.redirectUri ?? "", wanted.sessions.redirectUri],
    ["proxyApis", sessions.proxyApis, wanted.sessions.proxyApis],
    ["allowTools", sessions.tools?.allow ?? [], wanted.sessions.tools?.allow ?? []],
    ["denyTools", sessions.tools?.deny ?? [], wanted.sessions.tools?.deny ?? []],
  ];
  return pairs.flatMap(([field, was, is]) => (plain(was) === plain(is) ? [] : [field]));
}

/** A client that the broker had registered is the server's to name: it stays, and so do its secret and its method. */
function clientPairs(record: ServerRecord, input: ServerInput, provider: Provider) {
  if (input.clientId === "" && record.registration) return [];
  return [
    ["clientId", record.clientId, input.clientId],
    ["clientSecret", record.clientSecrets, givenSecrets(input)],
    ["tokenEndpointAuthMethod", true, isMethodOf(record, input, provider)],
  ] as const;
}

/** Where nobody names one, the provider's data do, or it was left open, so that the server's metadata decide. */
function isMethodOf(record: ServerRecord, input: ServerInput, provider: Provider): boolean {
  const { tokenEndpointAuthMethod: named } = input;
  if (named !== "") return record.authMethod === named && !record.authMethodOpen;
  const { authMethod: preferred } = expandProvider(provider, input.providerOptions, {});
  if (preferred === undefined) return record.authMethodOpen === true;
  const means = { hasSecret: givenSecrets(input).length > 0, hasKey: input.clientKey !== "", preferred };
  return record.authMethod === chooseAuthMethod(means);
}

/** Of two values with the same content the same text, whatever the order of their members. */
function plain(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one) ? Object.entries(one).sort() : one,
  );
}

/** Who goes on without a server when its record is deleted: nothing of theirs is refreshed then. Undefined where there is none. */
export async function usesOfServer(context: Context, mount: string, name: string): Promise<ServerUses | undefined> {
  const stored = await findServer(context, mount, name);
  if (!stored) return undefined;
  const uses = { credentials: 0, sessions: 0 };
  const lanes = lanesOf(name, stored.record);
  for (const kind of ["creds", "self"] as const) {
    await eachOfKind(context, { mount, kind, ...lanes }, (row) => {
      if (isLaneOf(row.server, name)) uses[belongsToSession(row.name) ? "sessions" : "credentials"] += 1;
    });
  }
  return uses;
}
