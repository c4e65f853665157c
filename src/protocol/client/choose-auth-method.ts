import type { AuthMethod } from "../client.ts";

/** What there is to authenticate with, and where. */
export interface Means {
  readonly hasSecret: boolean;
  readonly hasKey: boolean;
  /** The provider's own, where its documentation names one. */
  readonly preferred?: AuthMethod | undefined;
  /** `token_endpoint_auth_methods_supported` (RFC 8414 2). */
  readonly offered?: readonly string[] | undefined;
}

/** oauthapp.md section 3, in its order; never by trial, which would send a one-time value twice. */
export function chooseAuthMethod({ hasSecret, hasKey, preferred, offered = [] }: Means): AuthMethod {
  if (!hasSecret && !hasKey) return "none";
  if (preferred !== undefined && preferred !== "none" && hasSecret) return preferred;
  if (hasKey && (offered.includes("private_key_jwt") || !hasSecret)) return "private_key_jwt";
  return offered.includes("client_secret_post") ? "client_secret_post" : "client_secret_basic";
}

/** What a client that is about to be registered asks for: the least that the server takes (RFC 7591 2). */
export function registeredAuthMethod(offered: readonly string[] = ["client_secret_basic"]): AuthMethod {
  const wanted = ["none", "client_secret_basic", "client_secret_post"] as const;
  return wanted.find((method) => offered.includes(method)) ?? "client_secret_basic";
}
