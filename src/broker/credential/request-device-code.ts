import type { Call, Client } from "../../protocol/client.ts";
import {
  type DeviceAuthorizationOutcome,
  deviceAuthorizationRequest,
  processDeviceAuthorizationResponse,
} from "../../protocol/device-authorization.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { codeChallenge, generateVerifier } from "../../protocol/pkce.ts";
import { applyQuirks } from "../../protocol/quirks.ts";
import { transportOutcome, withText } from "../../protocol/response/token-response.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import type { Context } from "../process/context.ts";
import { labelled } from "../process/door.ts";
import { labelOf } from "../record/grant.ts";
import { asEachClient, isInvalidClient, secretsOf } from "../server/clients.ts";
import { type AskedScopes, joinScopes, OPENID, scopesToAsk } from "../server/operation.ts";
import { learn } from "../server/replace-record.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import type { Learned } from "../server/server-record.ts";
import type { DeviceStart } from "./credential-write.ts";

const PREFIX = "device code authorization request failed: ";

/** What of a device request is the broker's own choice, and refused by one server or another. */
interface Way {
  readonly asked: AskedScopes;
  /** Of PKCE. */
  readonly verifier?: string;
  /** The client's id without its secret. */
  readonly alone: boolean;
  /** What a good answer to it would teach. */
  readonly teaches: Learned;
}

interface Answer {
  readonly outcome: DeviceAuthorizationOutcome;
  readonly text: string;
}

/** What was answered, and to which request. */
export interface DeviceAnswer extends Way, Answer {}

/**
 * Asks for a device code; where a server refuses what nobody but the broker wanted, once more without that, and so from then
 * on (FC-22, FC-29, FC-36). A device request is no one-time value.
 */
export async function requestDeviceCode(
  context: Context,
  server: ResolvedServer,
  start: DeviceStart,
  call: Call,
): Promise<DeviceAnswer> {
  const ask = async (way: Way): Promise<DeviceAnswer> => {
    const { alone } = way;
    const as = (client: Client) => request(server, alone ? withoutSecret(client) : client, start, way, call);
    const asking = { ask: as, isUnknown: isInvalidClient, repeatable: !alone, teaches: !alone };
    return { ...way, ...(await asEachClient<Answer>(context, server, asking)) };
  };
  let answer = await ask(firstWay(server, start));
  for (const change of [otherPkce, withoutOpenid, otherPkce, clientAlone]) {
    const other = change(server, answer);
    const second = other && (await ask(other));
    // Refused for the same thing again: it was not the broker's part.
    if (second && codeOf(second.outcome) !== codeOf(answer.outcome)) answer = second;
  }
  const hasTaught = answer.outcome.kind === "device" && Object.keys(answer.teaches).length > 0;
  if (hasTaught) await learn(context, server, answer.teaches);
  return answer;
}

function firstWay(server: ResolvedServer, { input }: DeviceStart): Way {
  const { provider, metadata, record } = server;
  const listed = metadata.code_challenge_methods_supported?.includes("S256") ?? false;
  const wanted = record.learned?.devicePkce ?? listed;
  const pkce = provider.devicePkce === "always" || (provider.devicePkce === "auto" && wanted);
  const asked = scopesToAsk(server, input.scopes);
  const alone = !provider.deviceAuthentication || record.learned?.deviceAlone === true;
  return { asked, alone, teaches: {}, ...(pkce && { verifier: generateVerifier() }) };
}

/** Keycloak's "PKCE method S256" wants a challenge here too; others take no parameter that they do not know. */
function otherPkce({ provider }: ResolvedServer, answer: DeviceAnswer): Way | undefined {
  const { verifier, ...without } = answer;
  const { teaches, outcome } = answer;
  if (provider.devicePkce !== "auto" || teaches.devicePkce !== undefined) return undefined;
  if (outcome.kind !== "refused" || outcome.error.code !== "invalid_request") return undefined;
  if (verifier !== undefined) return { ...without, teaches: { ...teaches, devicePkce: false } };
  if (!outcome.error.description?.includes("code_challenge")) return undefined;
  return { ...answer, verifier: generateVerifier(), teaches: { ...teaches, devicePkce: true } };
}

function withoutOpenid(_server: ResolvedServer, answer: DeviceAnswer): Way | undefined {
  const { asked, teaches, outcome } = answer;
  if (codeOf(outcome) !== "invalid_scope" || !asked.added.includes(OPENID)) return undefined;
  const rest = (scopes: readonly string[]) => scopes.filter((scope) => scope !== OPENID);
  const fewer = { scopes: rest(asked.scopes), added: rest(asked.added) };
  return { ...answer, asked: fewer, teaches: { ...teaches, openid: false } };
}

const CLIENT_REFUSALS: ReadonlySet<string> = new Set(["invalid_client", "unauthorized_client", "invalid_request"]);

/** Some take no secret here from a client that has one, and want it at the token endpoint (Auth0: 403 `unauthorized_client`). */
function clientAlone({ clients }: ResolvedServer, answer: DeviceAnswer): Way | undefined {
  const { alone, teaches, outcome } = answer;
  const hasSecret = clients.some(({ authentication }) => authentication.method !== "none");
  if (alone || !hasSecret || !CLIENT_REFUSALS.has(codeOf(outcome) ?? "")) return undefined;
  return { ...answer, alone: true, teaches: { ...teaches, deviceAlone: true } };
}

function withoutSecret(client: Client): Client {
  return { ...client, authentication: { method: "none" } };
}

async function request(
  server: ResolvedServer,
  client: Client,
  { name, session }: DeviceStart,
  { asked, verifier }: Way,
  within: Call,
): Promise<Answer> {
  const { provider, metadata } = server;
  const call = labelled(provider, within, labelOf({ server: server.name, ...(session && { session }) }, name));
  const { deviceScopeParameter: scopeParameter } = provider.quirks;
  const wanted = {
    ...(scopeParameter !== undefined && { scopeParameter }),
    scopes: joinScopes(server, asked.scopes),
    parameters: [...provider.parameters, ...Object.entries(provider.loginParameters)],
    ...(verifier !== undefined && { codeChallenge: await codeChallenge(verifier) }),
  };
  const answer = await exchange(deviceAuthorizationRequest(metadata, client, wanted, call));
  if (answer instanceof TransportError) return withText(transportOutcome(answer), PREFIX, []);
  const outcome = processDeviceAuthorizationResponse(applyQuirks(answer, provider.quirks));
  return withText(outcome, PREFIX, secretsOf(client));
}

/** The server's word, where it refused. */
export function codeOf(outcome: DeviceAuthorizationOutcome): string | undefined {
  return outcome.kind === "refused" ? outcome.error.code : undefined;
}
