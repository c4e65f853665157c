import type { AuthMethod, AuthorizationServer } from "../client.ts";
import type { ClientMetadata } from "./registration.ts";

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
const CODE = "authorization_code";

/** For what a client is registered. */
export interface RegistrationWish {
  /** Members that are always the same, such as its name; those here win over what is worked out. */
  readonly base: ClientMetadata;
  /** Where the login comes back to; of a login by device code where another one would. */
  readonly redirectUri: string;
  readonly grantType: string;
}

/**
 * What is asked of a registration endpoint (MCP-R3), and what after each refusal: the same without the device grant, with one
 * redirect URI, and with that in its other spelling (RFC 8252 8.3 has the address, some servers only `localhost`). Pure.
 */
export function registrationForms(as: AuthorizationServer, wish: RegistrationWish): readonly ClientMetadata[] {
  const { base, redirectUri, grantType } = wish;
  const uris = loopbackForms(redirectUri);
  const grants = [CODE, "refresh_token"];
  const first = {
    application_type: uris.length > 1 ? "native" : "web",
    redirect_uris: uris,
    grant_types: listsDevice(as) ? [...grants, DEVICE_CODE] : grants,
    response_types: ["code"],
    token_endpoint_auth_method: methodOf(as),
  };
  const needsDevice = grantType === DEVICE_CODE;
  const fewer = needsDevice ? first : { ...first, grant_types: grants };
  const forms = [first, fewer, { ...fewer, redirect_uris: uris.slice(0, 1) }];
  const other = { ...fewer, redirect_uris: uris.slice(1) };
  const all = [...forms, ...(other.redirect_uris.length > 0 ? [other] : [])].map((form) => ({ ...form, ...base }));
  const isNew = (form: object, index: number) =>
    all.findIndex((one) => JSON.stringify(one) === JSON.stringify(form)) === index;
  return all.filter(isNew);
}

function listsDevice({ grant_types_supported: grants, device_authorization_endpoint: endpoint }: AuthorizationServer) {
  return endpoint !== undefined || grants?.includes(DEVICE_CODE) === true;
}

/** RFC 7591 2: no secret where the server takes public clients, since a person's program keeps none. */
function methodOf({ token_endpoint_auth_methods_supported: offered = [] }: AuthorizationServer): AuthMethod {
  const methods = ["none", "client_secret_basic", "client_secret_post"] as const;
  return methods.find((method) => offered.includes(method)) ?? "none";
}

/** A loopback redirect URI as it is, and by the other of the two names that servers know; any other alone. */
export function loopbackForms(redirectUri: string): readonly string[] {
  const url = new URL(redirectUri);
  const others = url.hostname === "localhost" ? "127.0.0.1" : "localhost";
  const isLoopback = url.hostname === "localhost" || url.hostname === "127.0.0.1" || url.hostname === "[::1]";
  if (url.protocol !== "http:" || !isLoopback) return [redirectUri];
  return [redirectUri, redirectUri.replace(url.hostname, others)];
}
