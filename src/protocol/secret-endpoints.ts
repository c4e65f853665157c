import type { AuthorizationServer } from "./client.ts";

/**
 * The endpoints of the metadata that are sent a secret: of the client, of a grant or, where people sign in, their password.
 * What else would be (introspection, PAR) belongs here as soon as anything asks it. RFC 8414 2, OpenID Connect Discovery 3.
 */
const SECRET_ENDPOINTS = [
  "token_endpoint",
  "authorization_endpoint",
  "device_authorization_endpoint",
  "revocation_endpoint",
  "registration_endpoint",
  "userinfo_endpoint",
] as const;

export type SecretEndpoint = (typeof SECRET_ENDPOINTS)[number];

/** At which origin each of them is; absent where there is none. */
export type Origins = Readonly<Partial<Record<SecretEndpoint, string>>>;

export function originsOf(metadata: AuthorizationServer): Origins {
  const found = SECRET_ENDPOINTS.flatMap((member) => {
    const url = metadata[member];
    return typeof url === "string" && URL.canParse(url) ? [[member, new URL(url).origin]] : [];
  });
  return Object.fromEntries(found);
}
