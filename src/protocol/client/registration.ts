import { dynamicClientRegistrationRequest } from "oauth4webapi";
import type { AuthorizationServer, Call } from "../client.ts";
import { isEndpoint, send } from "../endpoint.ts";
import { type Failure, failureOf, isOk, withoutPolling } from "../response/failure.ts";
import type { HttpResponse } from "../response/http-response.ts";
import { type JsonObject, parseJsonObject, secondsOf, textOf } from "../response/json.ts";
import { TransportError } from "../response/transport-error.ts";

export type RegistrationOutcome =
  | {
      readonly kind: "registered";
      readonly clientId: string;
      readonly clientSecret?: string;
      /** Epoch seconds; 0 = never; absent = unknown (REG-02). */
      readonly clientSecretExpiresAt?: number;
      readonly registrationAccessToken?: string;
      readonly registrationClientUri?: string;
      /** The metadata as granted (REG-03), without the secrets. */
      readonly metadata: JsonObject;
    }
  | { readonly kind: "malformed"; readonly text: string }
  | Failure;

/** Client metadata of RFC 7591 2, by their wire names. */
export type ClientMetadata = Readonly<Record<string, unknown>>;

/** Registers a client (RFC 7591 3.1). Not idempotent (REG-06). */
export function registrationRequest(
  as: AuthorizationServer,
  metadata: ClientMetadata,
  { initialAccessToken }: { readonly initialAccessToken?: string },
  call: Call,
): Promise<Response> {
  const members = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
  return send(call, (options) =>
    dynamicClientRegistrationRequest(as, members as Parameters<typeof dynamicClientRegistrationRequest>[1], {
      ...options,
      ...(initialAccessToken !== undefined && { initialAccessToken }),
    }),
  );
}

/** Judges the answer of the registration endpoint (RFC 7591 3.2). Total, never throws. */
export function processRegistrationResponse(response: HttpResponse): RegistrationOutcome {
  const json = parseJsonObject(response.body);
  if (!json || !isOk(response.status) || textOf(json.error) !== undefined) return failureOf(response, json, "");
  const clientId = textOf(json.client_id);
  if (clientId === undefined) return { kind: "malformed", text: "server response missing client_id" };
  const { client_secret, registration_access_token, ...metadata } = json;
  const clientSecret = textOf(client_secret);
  const clientSecretExpiresAt = secondsOf(json.client_secret_expires_at);
  const registrationAccessToken = textOf(registration_access_token);
  const registrationClientUri = textOf(json.registration_client_uri);
  return {
    kind: "registered",
    clientId,
    ...(clientSecret !== undefined && { clientSecret }),
    ...(clientSecretExpiresAt !== undefined && { clientSecretExpiresAt: Math.floor(clientSecretExpiresAt) }),
    ...(registrationAccessToken !== undefined && { registrationAccessToken }),
    ...(registrationClientUri !== undefined && { registrationClientUri }),
    metadata,
  };
}

/** Where a registration is managed, and with what (RFC 7592 3). */
export interface Management {
  readonly registrationClientUri: string;
  readonly registrationAccessToken: string;
}

/** Only what the registration's own answer named (REG-07); undefined where it named nothing. */
export function managementOf({
  registrationClientUri,
  registrationAccessToken,
}: Partial<Management> = {}): Management | undefined {
  if (registrationClientUri === undefined || registrationAccessToken === undefined) return undefined;
  return { registrationClientUri, registrationAccessToken };
}

/** Unregisters a client (RFC 7592 2.3), at the URI that its registration named (REG-07). */
export async function unregistrationRequest(
  { registrationClientUri: url, registrationAccessToken }: Management,
  call: Call,
): Promise<Response> {
  if (!isEndpoint(url, call.allowHttp === true)) throw new TransportError("url_refused", false);
  const headers = { accept: "application/json", authorization: `Bearer ${registrationAccessToken}` };
  return call.fetch(url, { method: "DELETE", headers, redirect: "manual", signal: call.signal });
}

export type UnregistrationOutcome =
  /** The server knows it no more, or never lets anybody unregister (RFC 7592 2.3: 401, 403, 405). */
  | { readonly kind: "gone" | "refused" }
  /** `retryAfter` in seconds. */
  | { readonly kind: "again"; readonly text: string; readonly retryAfter?: number };

/** Judges the answer to that (RFC 7592 2.3). Total, never throws. */
export function processUnregistrationResponse(response: HttpResponse): UnregistrationOutcome {
  const { status } = response;
  if (isOk(status) || status === 401 || status === 404) return { kind: "gone" };
  const failure = withoutPolling(failureOf(response, parseJsonObject(response.body), ""), response);
  if (failure.kind === "refused" || status === 403 || status === 405) return { kind: "refused" };
  const { text, retryAfter } = failure;
  return { kind: "again", text, ...(retryAfter !== undefined && { retryAfter }) };
}

/**
 * REG-03: what of the wanted values the server did not grant; what is left out stays as asked (RFC 7591 3.2.1). A client
 * without its way back or its grants is none.
 */
export function notGranted(
  granted: ClientMetadata,
  wanted: { readonly grantTypes: readonly string[]; readonly redirectUris: readonly string[] },
): string | undefined {
  const lacking = (member: string, values: readonly string[]) => {
    const given = granted[member] ?? values;
    const missing = values.filter((value) => !Array.isArray(given) || !given.includes(value));
    return missing.length > 0 ? `${member}: ${missing.join(", ")}` : undefined;
  };
  return lacking("redirect_uris", wanted.redirectUris) ?? lacking("grant_types", wanted.grantTypes);
}
