import { chooseAuthMethod } from "../../protocol/client/choose-auth-method.ts";
import { checkClientKey } from "../../protocol/client/client-key.ts";
import { AUTH_METHODS, type AuthMethod, type AuthorizationServer } from "../../protocol/client.ts";
import { didYouMean, type Expanded, findProvider, type Provider, providerIds } from "../../providers/index.ts";
import type { ServerInput } from "../broker.ts";
import { invalid } from "../errors.ts";
import { tokenOrigin } from "./resolve-server.ts";
import type { ServerRecord } from "./server-record.ts";

/** Throws `BrokerError`, with the name that was probably meant. */
export function givenProvider(input: Pick<ServerInput, "provider">): Provider {
  if (input.provider === "") throw invalid("missing provider");
  const provider = findProvider(input.provider);
  if (!provider) {
    throw invalid(`provider "${input.provider}" does not exist${didYouMean(input.provider, providerIds())}`);
  }
  return provider;
}

/** In the order in which they are tried. */
export function givenSecrets({ clientSecret, clientSecrets }: ServerInput): readonly string[] {
  return [clientSecret, ...clientSecrets].filter((secret) => secret !== "");
}

/** `registration=renew` is an order, carried out once: written again as it is read, the record registers nothing. */
export function withoutRenewal(options: ServerInput["providerOptions"]): ServerInput["providerOptions"] {
  return options.registration === "renew" ? { ...options, registration: "dynamic" } : options;
}

/** A server's record as it was written, before its endpoints are pinned and the broker registers: its client, and how that proves itself. Throws `BrokerError`. */
export async function draftOf(
  input: ServerInput,
  { id: provider, version: providerVersion }: Provider,
  { authMethod: preferred }: Expanded,
  metadata: AuthorizationServer,
): Promise<ServerRecord> {
  const { authUrlParams, clientId, clientKey, clientKeyId, clientAssertionAlg } = input;
  const providerOptions = withoutRenewal(input.providerOptions);
  const clientSecrets = givenSecrets(input);
  const offered = metadata.token_endpoint_auth_methods_supported;
  const means = { hasSecret: clientSecrets.length > 0, hasKey: clientKey !== "", preferred, offered };
  const named = namedAuthMethod(input);
  const authMethod = named ?? chooseAuthMethod(means);
  await requireMeans(authMethod, input, clientSecrets);
  const open = { ...(!named && preferred === undefined && { authMethodOpen: true as const }) };
  const clientAssertionAud = audienceOf(input);
  const client = { clientId, clientSecrets, clientKey, clientKeyId, clientAssertionAlg, authMethod, ...open };
  const { initialAccessToken } = input;
  const of = { provider, providerVersion, providerOptions, authUrlParams };
  return { ...of, ...client, ...clientAssertionAud, initialAccessToken, tokenOrigin: tokenOrigin(metadata) };
}

function namedAuthMethod({ tokenEndpointAuthMethod: given }: ServerInput): AuthMethod | undefined {
  if (given === "") return undefined;
  const method = AUTH_METHODS.find((known) => known === given);
  if (!method) throw invalid(`unsupported token_endpoint_auth_method "${given}"`);
  return method;
}

function audienceOf({ clientAssertionAud: aud }: ServerInput): Pick<ServerRecord, "clientAssertionAud"> {
  if (aud === "") return {};
  if (aud === "issuer" || aud === "token_endpoint" || URL.canParse(aud)) return { clientAssertionAud: aud };
  throw invalid('client_assertion_aud must be "issuer", "token_endpoint" or a URI');
}

/** A method without its secret or key could only fail later. */
async function requireMeans(method: AuthMethod, input: ServerInput, secrets: readonly string[]): Promise<void> {
  if (method.startsWith("client_secret") && secrets.length === 0) {
    throw invalid(`token_endpoint_auth_method "${method}" needs client_secret`);
  }
  if (method !== "private_key_jwt") return;
  if (input.clientKey === "") throw invalid(`token_endpoint_auth_method "${method}" needs client_key`);
  const algorithm = input.clientAssertionAlg === "" ? undefined : input.clientAssertionAlg;
  const problem = await checkClientKey(input.clientKey, algorithm);
  if (problem !== undefined) throw invalid(`client_key: ${problem}`);
}
