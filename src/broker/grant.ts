import type { Grant, GrantSession } from "../credential/index.ts";
import { splitScopes } from "./scopes.ts";

/** The part of a credential that its writer chose. */
export function grantOf(
  server: string,
  input: {
    scopes: readonly string[];
    providerOptions: Readonly<Record<string, string>>;
    maximumExpirySeconds: number;
  },
  session?: GrantSession,
): Grant {
  const { providerOptions, maximumExpirySeconds } = input;
  const scopes = splitScopes(input.scopes);
  return {
    server,
    scopes,
    providerOptions: stored(providerOptions),
    ...(maximumExpirySeconds > 0 && { maximumExpirySeconds }),
    ...(session && { session }),
  };
}

/** `nonce` is checked once and never stored (oauthapp.md section 9). */
function stored(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { nonce: _, ...rest } = options;
  return rest;
}
