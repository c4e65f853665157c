import type { Grant, GrantSession } from "../../credential/index.ts";

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
    providerOptions: storedOptions(providerOptions),
    ...(maximumExpirySeconds > 0 && { maximumExpirySeconds }),
    ...(session && { session }),
  };
}

/** `nonce` is checked once and never stored (oauthapp.md section 9). */
function storedOptions(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { nonce: _, ...rest } = options;
  return rest;
}

/** A scope holds no space (RFC 6749 3.3), so a list typed with spaces means several. */
export function splitScopes(scopes: readonly string[]): readonly string[] {
  return scopes.flatMap((scope) => scope.split(/\s+/)).filter((scope) => scope !== "");
}
