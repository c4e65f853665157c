import type { TestContext } from "node:test";
import { json } from "../../servers/faults.ts";
import type { Misbehaving } from "../../servers/misbehaving.ts";
import type { Coatcheck, CoatcheckOptions } from "../coatcheck.ts";
import { DEVICE, type Pair, startPair } from "../misbehaving.ts";
import type { ApiAnswer } from "../request.ts";

export const STABLE = "/_matrix/client/v1/auth_metadata";
export const UNSTABLE = "/_matrix/client/unstable/org.matrix.msc2965/auth_metadata";
export const WHOAMI = "/_matrix/client/v3/account/whoami";
export const VERSIONS = "/_matrix/client/versions";

export interface HomeserverPair extends Pair {
  /** Starts a device login under a name. */
  login(name?: string, options?: Record<string, unknown>, more?: Record<string, unknown>): Promise<ApiAnswer>;
  /** The device id that was last asked for. */
  deviceId(): string;
}

/** Makes the misbehaving server the homeserver and its authorization server at once, every answer a good one. */
export function beHomeserver(as: Misbehaving, metadata: Record<string, unknown> = {}): void {
  as.reply(VERSIONS, json(200, { versions: ["v1.18"] }));
  as.reply(STABLE, json(200, metadataOf(as, metadata)));
  as.reply(WHOAMI, ({ ...exchange }) =>
    json(200, { user_id: "@alice:example.org", device_id: deviceIdOf(as) })(exchange),
  );
}

export function metadataOf({ issuer }: Misbehaving, more: Record<string, unknown> = {}) {
  return {
    issuer: `${issuer}/`,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device`,
    revocation_endpoint: `${issuer}/revoke`,
    registration_endpoint: `${issuer}/register`,
    response_types_supported: ["code"],
    response_modes_supported: ["query", "fragment"],
    grant_types_supported: ["authorization_code", "refresh_token", DEVICE],
    code_challenge_methods_supported: ["S256"],
    ...more,
  };
}

/** Out of the scope of the last device or authorization request. */
export function deviceIdOf(as: Misbehaving): string {
  const scope = as.to("/device").at(-1)?.form.get("scope") ?? "";
  return /device:(\S+)/.exec(scope)?.[1] ?? "";
}

/** A broker and a homeserver, with the server record `mx` for it. */
export async function startHomeserverPair(
  t: TestContext,
  {
    options = {},
    metadata = {},
    ...more
  }: { options?: Record<string, unknown>; metadata?: Record<string, unknown> } & CoatcheckOptions = {},
): Promise<HomeserverPair> {
  const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com", ...more });
  beHomeserver(pair.as, metadata);
  await writeHomeserver(pair, pair.as, options);
  return {
    ...pair,
    login: (name = "bot", given = {}, rest = {}) =>
      pair.write(`oauth2/creds/${name}`, { server: "mx", grant_type: DEVICE, provider_options: given, ...rest }),
    deviceId: () => deviceIdOf(pair.as),
  };
}

/** Writes the server record `mx`. */
export async function writeHomeserver(
  coatcheck: Coatcheck,
  as: Misbehaving,
  options: Record<string, unknown> = {},
  more = {},
) {
  const homeserver = "homeservers" in options ? {} : { homeserver: as.issuer };
  const body = { provider: "matrix", provider_options: { ...homeserver, ...options }, ...more };
  const written = await coatcheck.write("oauth2/servers/mx", body);
  if (written.status >= 300) throw new Error(`server not written: ${JSON.stringify(written.body)}`);
}

/** Lets the person approve, and the next poll bring it. */
export async function approve(pair: HomeserverPair, name = "bot"): Promise<ApiAnswer> {
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  return pair.read(`oauth2/creds/${name}`);
}
