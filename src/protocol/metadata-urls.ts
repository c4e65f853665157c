const OAUTH = "/.well-known/oauth-authorization-server";
const OPENID = "/.well-known/openid-configuration";

/**
 * Where the metadata of an issuer may be (META-02 … META-04), in the order to ask: RFC 8414, OpenID Connect Discovery, and
 * the latter's document at the former's place. An OpenID provider is asked for its own form first.
 */
export function metadataUrls(issuer: string, order: "openid" | "oauth"): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.endsWith("/") ? pathname.slice(0, -1) : pathname;
  const inserted = origin + OAUTH + path;
  const appended = origin + path + OPENID;
  const first = order === "openid" ? [appended, inserted] : [inserted, appended];
  // Without a path both OpenID forms are the same.
  return [...new Set([...first, origin + OPENID + path])];
}
