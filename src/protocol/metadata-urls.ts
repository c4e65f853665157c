const OAUTH = "/.well-known/oauth-authorization-server";
const OPENID = "/.well-known/openid-configuration";

/**
 * Where the metadata of an issuer may be (META-02 … META-04), in the order to ask: RFC 8414, OpenID Connect Discovery, the
 * latter's document at the former's place, and the former's below the issuer, where servers that are mounted under a path
 * have it (django-oauth-toolkit). An OpenID provider is asked for its own form first.
 */
export function metadataUrls(issuer: string, order: "openid" | "oauth"): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.endsWith("/") ? pathname.slice(0, -1) : pathname;
  const inserted = origin + OAUTH + path;
  const appended = origin + path + OPENID;
  const first = order === "openid" ? [appended, inserted] : [inserted, appended];
  // Without a path both forms of each are the same.
  return [...new Set([...first, origin + OPENID + path, origin + path + OAUTH])];
}
