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
 * redirect URI, and with that in the other shape (RFC 8252 8.3 has addresses, some servers only `localhost`). Pure.
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
  const other = otherShape(redirectUri);
  const last = other === undefined ? [] : [{ ...fewer, redirect_uris: [other] }];
  const all = [...forms, ...last].map((form) => ({ ...form, ...base }));
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

/** Where a browser of this machine comes back, by each address (RFC 8252 7.3), and by the name. */
const OTHER_ADDRESS: Readonly<Record<string, string>> = {
  "127.0.0.1": "[::1]",
  "[::1]": "127.0.0.1",
  localhost: "127.0.0.1",
};

/** A loopback redirect URI as it is, and by the other address; any other alone. */
function loopbackForms(redirectUri: string): readonly string[] {
  const { protocol, hostname } = new URL(redirectUri);
  const other = OTHER_ADDRESS[hostname];
  if (protocol !== "http:" || other === undefined) return [redirectUri];
  return [redirectUri, redirectUri.replace(hostname, other)];
}

/** Of an address the name, of the name an address; undefined: it is no loopback redirect URI. */
function otherShape(redirectUri: string): string | undefined {
  const { hostname } = new URL(redirectUri);
  const [, second] = loopbackForms(redirectUri);
  return hostname === "localhost" ? second : second && redirectUri.replace(hostname, "localhost");
}

/** All that a login may come back to where one was asked for, the one that was asked for first. */
export function acceptableUris(redirectUri: string): readonly string[] {
  const other = otherShape(redirectUri);
  return [...loopbackForms(redirectUri), ...(other === undefined ? [] : [other])];
}
