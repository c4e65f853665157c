import type { AuthMethod, AuthorizationServer, Client, ClientAuthentication } from "../client.ts";

/** What there is to authenticate with, and where. */
export interface Means {
  readonly hasSecret: boolean;
  readonly hasKey: boolean;
  /** The provider's own, where its documentation names one. */
  readonly preferred?: AuthMethod | undefined;
  /** `token_endpoint_auth_methods_supported` (RFC 8414 2). */
  readonly offered?: readonly string[] | undefined;
}

/** oauthapp.md section 3, in its order. */
export function chooseAuthMethod({ hasSecret, hasKey, preferred, offered = [] }: Means): AuthMethod {
  if (!hasSecret && !hasKey) return "none";
  if (preferred !== undefined && preferred !== "none" && hasSecret) return preferred;
  if (hasKey && (offered.includes("private_key_jwt") || !hasSecret)) return "private_key_jwt";
  // RFC 8414 2: basic is what every server must take that says nothing else (RFC 6749 2.3.1).
  return SECRET_METHODS.find((method) => offered.includes(method)) ?? "client_secret_basic";
}

const SECRET_METHODS = ["client_secret_basic", "client_secret_post", "client_secret_jwt"] as const;

/** The method that the same secret may be tried with when this one was refused; undefined: there is none. */
export function otherMethod(method: AuthMethod): AuthMethod | undefined {
  if (method === "client_secret_basic") return "client_secret_post";
  return method === "client_secret_post" ? "client_secret_basic" : undefined;
}

/** The client as the revocation endpoint takes it, which may list other methods than the token endpoint (RFC 8414 2). */
export function forRevocation(as: AuthorizationServer, client: Client): Client {
  const { authentication } = client;
  const offered = as.revocation_endpoint_auth_methods_supported ?? [];
  const { method } = authentication;
  const other = offered.includes(method) ? undefined : otherMethod(method);
  if (other === undefined || !offered.includes(other) || !("secret" in authentication)) return client;
  return { ...client, authentication: { ...authentication, method: other } as ClientAuthentication };
}

/**
 * What a client that is about to be registered asks for (RFC 7591 2): a secret where the server gives one, by a method that
 * its revocation endpoint takes as well; without a list that is what its token endpoint takes (RFC 8414 2).
 */
export function registeredAuthMethod(as: AuthorizationServer): AuthMethod {
  const offered = as.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const revocation = as.revocation_endpoint_auth_methods_supported ?? offered;
  const wanted = (["client_secret_basic", "client_secret_post", "none"] as const).filter((each) =>
    offered.includes(each),
  );
  return wanted.find((method) => revocation.includes(method)) ?? wanted[0] ?? "client_secret_basic";
}
