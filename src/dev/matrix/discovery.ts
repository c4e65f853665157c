import type { Proper } from "../proper.ts";

/**
 * Where a homeserver says which authorization server is its own, newest first: specification 1.15; MSC2965's metadata; its
 * draft that named the issuer only (Tuwunel does so under v1 as well); and the first one, a key of the well-known document.
 */
export type Rung = "stable" | "unstable" | "auth-issuer" | "auth-issuer-v1" | "well-known";

const RUNGS: readonly Rung[] = ["stable", "unstable", "auth-issuer", "well-known"];

export const ACCOUNT_ACTIONS = [
  "org.matrix.profile",
  "org.matrix.devices_list",
  "org.matrix.device_view",
  "org.matrix.device_delete",
  "org.matrix.cross_signing_reset",
  "org.matrix.sessions_list",
  "org.matrix.session_view",
  "org.matrix.session_end",
];

/** The answer of each discovery path that a homeserver with these rungs has. */
export function discoveryAnswers(
  { baseUrl, issuer }: { readonly baseUrl: string; readonly issuer: string },
  metadata: Proper["body"],
  rungs: readonly Rung[] = RUNGS,
): Readonly<Record<string, () => Proper>> {
  const has = (rung: Rung) => rungs.includes(rung);
  const fixed = (body: Proper["body"]) => () => ({ status: 200, body });
  const authentication = { issuer, account: metadata.account_management_uri };
  const wellKnown = {
    "m.homeserver": { base_url: baseUrl },
    ...(has("well-known") && { "org.matrix.msc2965.authentication": authentication }),
  };
  return {
    "/.well-known/matrix/client": fixed(wellKnown),
    ...(has("stable") && { "/_matrix/client/v1/auth_metadata": fixed(metadata) }),
    ...(has("unstable") && { "/_matrix/client/unstable/org.matrix.msc2965/auth_metadata": fixed(metadata) }),
    ...(has("auth-issuer") && { "/_matrix/client/unstable/org.matrix.msc2965/auth_issuer": fixed({ issuer }) }),
    ...(has("auth-issuer-v1") && { "/_matrix/client/v1/auth_issuer": fixed({ issuer }) }),
  };
}
