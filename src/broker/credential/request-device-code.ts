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
import type { Learned } from "../process/caches.ts";
import type { Context } from "../process/context.ts";
import { labelled } from "../process/door.ts";
import { labelOf } from "../record/grant.ts";
import { asEachClient, isInvalidClient, secretsOf } from "../server/clients.ts";
import { type AskedScopes, joinScopes, OPENID, scopesToAsk } from "../server/operation.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import type { DeviceStart } from "./credential-write.ts";

const PREFIX = "device code authorization request failed: ";

/** What of a device request is the broker's own choice, and refused by one server or another. */
interface Way {
  readonly asked: AskedScopes;
  /** Of PKCE. */
  readonly verifier?: string;
  /** What a good answer to it would teach. */
  readonly teaches: Learned;
}

/** What was answered, and to which request. */
export interface DeviceAnswer extends Way {
  readonly outcome: DeviceAuthorizationOutcome;
  readonly text: string;
}

/**
 * Asks for a device code; where a server refuses what nobody but the broker wanted, once more without that, and so from then
 * on (FC-22, FC-29). A device request is no one-time value.
 */
export async function requestDeviceCode(
  context: Context,
  server: ResolvedServer,
  start: DeviceStart,
  call: Call,
): Promise<DeviceAnswer> {
  const ask = async (way: Way): Promise<DeviceAnswer> => {
    const as = (client: Client) => request(server, client, start, way, call);
    return { ...way, ...(await asEachClient(context, server, as, isInvalidClient)) };
  };
  let answer = await ask(firstWay(context, server, start));
  for (const change of [otherPkce, withoutOpenid, otherPkce]) {
    const other = change(server, answer);
    const second = other && (await ask(other));
    // Refused for the same thing again: it was not the broker's part.
    if (second && codeOf(second.outcome) !== codeOf(answer.outcome)) answer = second;
  }
  const { learned } = context.caches;
  if (answer.outcome.kind === "device") learned.set(server.id, { ...learned.get(server.id), ...answer.teaches });
  return answer;
}

function firstWay(context: Context, server: ResolvedServer, { input }: DeviceStart): Way {
  const { provider, metadata } = server;
  const listed = metadata.code_challenge_methods_supported?.includes("S256") ?? false;
  const wanted = context.caches.learned.get(server.id)?.devicePkce ?? listed;
  const pkce = provider.devicePkce === "always" || (provider.devicePkce === "auto" && wanted);
  const asked = scopesToAsk(context, server, input.scopes);
  return { asked, teaches: {}, ...(pkce && { verifier: generateVerifier() }) };
}

/** Keycloak's "PKCE method S256" wants a challenge here too; others take no parameter that they do not know. */
function otherPkce({ provider }: ResolvedServer, { asked, verifier, teaches, outcome }: DeviceAnswer): Way | undefined {
  if (provider.devicePkce !== "auto" || teaches.devicePkce !== undefined) return undefined;
  if (outcome.kind !== "refused" || outcome.error.code !== "invalid_request") return undefined;
  if (verifier !== undefined) return { asked, teaches: { ...teaches, devicePkce: false } };
  if (!outcome.error.description?.includes("code_challenge")) return undefined;
  return { asked, verifier: generateVerifier(), teaches: { ...teaches, devicePkce: true } };
}

function withoutOpenid(_server: ResolvedServer, answer: DeviceAnswer): Way | undefined {
  const { asked, verifier, teaches, outcome } = answer;
  if (codeOf(outcome) !== "invalid_scope" || !asked.added.includes(OPENID)) return undefined;
  const rest = (scopes: readonly string[]) => scopes.filter((scope) => scope !== OPENID);
  const fewer = { scopes: rest(asked.scopes), added: rest(asked.added) };
  return { asked: fewer, teaches: { ...teaches, openid: false }, ...(verifier !== undefined && { verifier }) };
}

async function request(
  server: ResolvedServer,
  client: Client,
  { name, session }: DeviceStart,
  { asked, verifier }: Way,
  within: Call,
): Promise<{ readonly outcome: DeviceAuthorizationOutcome; readonly text: string }> {
  const { provider, metadata } = server;
  const call = labelled(provider, within, labelOf({ server: server.name, ...(session && { session }) }, name));
  const as = provider.deviceAuthentication ? client : { ...client, authentication: { method: "none" } as const };
  const wanted = {
    scopes: joinScopes(server, asked.scopes),
    parameters: provider.parameters,
    ...(verifier !== undefined && { codeChallenge: await codeChallenge(verifier) }),
  };
  const answer = await exchange(deviceAuthorizationRequest(metadata, as, wanted, call));
  if (answer instanceof TransportError) return withText(transportOutcome(answer), PREFIX, []);
  const outcome = processDeviceAuthorizationResponse(applyQuirks(answer, provider.quirks));
  return withText(outcome, PREFIX, secretsOf(client));
}

/** The server's word, where it refused. */
export function codeOf(outcome: DeviceAuthorizationOutcome): string | undefined {
  return outcome.kind === "refused" ? outcome.error.code : undefined;
}
