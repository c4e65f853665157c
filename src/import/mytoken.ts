import { type Found, isObject, type LeftBehind, objectIn, textOf } from "./found.ts";

/**
 * A mytoken server, by its `/.well-known/mytoken-configuration`: the refresh tokens are its own, for its own client, and it
 * gives out none. What it tells is the providers.
 */
export function fromMytoken(configuration: string): Found {
  const { providers_supported: providers } = objectIn(configuration, "the mytoken server's configuration");
  const issuers = Array.isArray(providers) ? providers.flatMap(issuerOf) : [];
  return { servers: [], logins: [], left: issuers.map(leftProvider) };
}

function issuerOf(provider: unknown): string[] {
  const issuer = isObject(provider) ? textOf(provider.issuer) : undefined;
  return issuer !== undefined && URL.canParse(issuer) ? [issuer] : [];
}

function leftProvider(issuer: string): LeftBehind {
  const name = new URL(issuer).hostname;
  return {
    what: issuer,
    why: "a mytoken works at its own server alone, whose client nobody else has: the provider needs a client of yours, or --option registration=dynamic where it registers clients",
    next: [
      "coatcheck",
      "server",
      "add",
      name,
      "--provider",
      "oidc",
      "--option",
      `issuer_url=${issuer}`,
      "--client-id",
      "ID",
    ],
  };
}
