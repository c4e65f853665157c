import type { AuthorizationServer, Call } from "../../../protocol/client.ts";
import { DiscoveryError, discoverAuthorizationServer } from "../../../protocol/discovery.ts";
import { exchange, get } from "../../../protocol/endpoint.ts";
import { findAuthorizationServer } from "../../../protocol/ladder/find-authorization-server.ts";
import { findResource } from "../../../protocol/resource/find-resource.ts";
import { parseJsonObject } from "../../../protocol/response/json.ts";
import { TransportError } from "../../../protocol/response/transport-error.ts";
import { type Expanded, endpointMembers, metadataOfProvider } from "../../../providers/index.ts";
import type { Context } from "../../process/context.ts";
import type { TrialStep } from "../../server-trial.ts";
import { requireCallable } from "../callable-endpoints.ts";
import type { Recorder } from "./recording.ts";

type Judged = Pick<TrialStep, "verdict" | "text">;

/** What discovery brings; metadata only where they may be used. Nothing of it is remembered, and nothing remembered is used. */
export async function findAnew(
  context: Context,
  provider: Expanded,
  { call, taken }: Recorder,
): Promise<{ readonly step: TrialStep; readonly metadata?: AuthorizationServer }> {
  const step = (judged: Judged): TrialStep => ({ step: "discovery", ...judged, exchanges: taken() });
  if (provider.apiServer && !provider.apiServer.fixed) return { step: step(OF_EACH_LOGIN) };
  try {
    const metadata = await metadataFrom(provider, call);
    if (metadata.token_endpoint === undefined) return { step: step(NO_TOKEN_ENDPOINT) };
    await requireCallable(context, metadata, provider, provider.apiServer?.reach);
    return { step: step(foundText(provider, metadata)), metadata };
  } catch (error) {
    if (!(error instanceof DiscoveryError)) throw error;
    return { step: step({ verdict: "bad", text: `No metadata that can be used: ${error.message}. ${LOOK}` }) };
  }
}

async function metadataFrom(provider: Expanded, call: Call): Promise<AuthorizationServer> {
  const { apiServer, discovery, openid, issuerPlaceholder, endpoints } = provider;
  if (apiServer) {
    const { ladder, name, hints } = apiServer;
    const isHomeserver = ladder.kind === "homeserver";
    const found = isHomeserver
      ? await findAuthorizationServer(ladder, name, call)
      : await findResource(ladder, name, hints, call);
    return found.metadata;
  }
  if (discovery === undefined) return metadataOfProvider(provider);
  const { metadata } = await discoverAuthorizationServer(discovery, call, {
    ...(openid && { order: "openid" }),
    ...(issuerPlaceholder && { placeholder: issuerPlaceholder.text }),
  });
  return { ...metadata, ...endpointMembers(endpoints) };
}

function foundText({ discovery, apiServer }: Expanded, metadata: AuthorizationServer): Judged {
  const token = `Tokens are asked for at ${metadata.token_endpoint}.`;
  if (discovery === undefined && !apiServer)
    return { verdict: "skipped", text: `Its endpoints are given, so nothing has to be discovered. ${token}` };
  const device = metadata.device_authorization_endpoint;
  const codes = device === undefined ? "It offers no device grant, so people sign in by a link." : "";
  return { verdict: "good", text: `The metadata are those of ${metadata.issuer}. ${token} ${codes}`.trim() };
}

const LOOK =
  "Compare the issuer with what the provider's documentation says, letter by letter, and look at what came below.";

const OF_EACH_LOGIN: Judged = {
  verdict: "skipped",
  text: "Each login names the server that it is for, so that nothing can be asked before.",
};

const NO_TOKEN_ENDPOINT: Judged = {
  verdict: "bad",
  text: "The metadata name no token_endpoint, so nobody can get a token here.",
};

/** The keys by which the server signs who has signed in (RFC 7517). */
export async function fetchKeySet(metadata: AuthorizationServer, { call, taken }: Recorder): Promise<TrialStep> {
  const judged = metadata.jwks_uri === undefined ? NO_KEYS : await keysAt(metadata.jwks_uri, call);
  return { step: "keys", ...judged, exchanges: taken() };
}

const NO_KEYS: Judged = {
  verdict: "skipped",
  text: "It names no key set, so it signs nothing that would say who has signed in.",
};

const BAD_KEYS = "Logins go on without it, but who has signed in is not proved.";

async function keysAt(url: string, call: Call): Promise<Judged> {
  const answer = await exchange(get(url, call));
  if (answer instanceof TransportError) return { verdict: "bad", text: `The key set gave no answer. ${BAD_KEYS}` };
  const keys = answer.status === 200 ? parseJsonObject(answer.body)?.keys : undefined;
  if (!Array.isArray(keys)) return { verdict: "bad", text: `What came is no key set (RFC 7517). ${BAD_KEYS}` };
  if (keys.length === 0) return { verdict: "bad", text: `The key set is empty. ${BAD_KEYS}` };
  return { verdict: "good", text: `Keys in its key set: ${keys.length}.` };
}
