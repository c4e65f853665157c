/**
 * A homeserver with its authorization server that behaves as one of the known kinds does. Owns which path is answered by
 * what; how a kind differs is in profiles.ts, and the server that listens is the caller's.
 */
import { SIMULATOR_PATH } from "../../api/walk.ts";
import type { Proper } from "../proper.ts";
import type { Listening, ReceivedRequest } from "../server.ts";
import { Clients } from "./clients.ts";
import { CodeFlow } from "./code-flow.ts";
import { DeviceCodes } from "./device-codes.ts";
import { discoveryAnswers } from "./discovery.ts";
import { linkPage } from "./link-page.ts";
import { grantsOf, hasDeviceGrant, OAUTH_ROUTES } from "./oauth-routes.ts";
import type { Parts, QuirkServerOptions, Situation } from "./parts.ts";
import type { Profile } from "./profile.ts";
import { Switches } from "./quirks.ts";
import { Refusal } from "./refusal.ts";
import { Sessions } from "./sessions.ts";
import { simulatorRoute } from "./simulator-route.ts";
import { CORS, matrixError } from "./wire.ts";

export type { QuirkServerOptions };

export interface QuirkServer {
  readonly profile: Profile;
  readonly baseUrl: string;
  readonly issuer: string;
  /** Behind the colon of its user ids. */
  readonly serverName: string;
  readonly clients: Clients;
  readonly deviceCodes: DeviceCodes;
  readonly sessions: Sessions;
  readonly situation: Situation;
}

type Route = (parts: Parts, request: ReceivedRequest) => Proper;

/** Makes a server of this kind out of one that listens; spread a profile to switch something. */
export async function startQuirkServer<Server extends Listening>(
  usual: Profile,
  start: (proper: (request: ReceivedRequest) => Proper) => Promise<Server>,
  options: QuirkServerOptions = {},
): Promise<Server & QuirkServer> {
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const switches = new Switches(usual);
  switches.set(options.quirks ?? []);
  const { profile } = switches;
  const clients = new Clients(profile);
  const deviceCodes = new DeviceCodes(profile, now);
  const sessions = new Sessions(profile, now);
  const situation: Situation = { person: "alice", homeserverDown: false, accountLocked: false };
  const server = await start((request) => answer(parts, request));
  const { origin } = server;
  const place = { baseUrl: origin, issuer: origin + profile.discovery.issuerPath, serverName: new URL(origin).host };
  const shown = { profile, clients, deviceCodes, sessions, situation };
  const parts: Parts = { ...shown, switches, options, codeFlow: new CodeFlow(profile, now), place };
  return { ...server, ...place, ...shown };
}

function answer(parts: Parts, request: ReceivedRequest): Proper {
  const proper = request.method === "OPTIONS" ? { status: 200, body: {} } : route(parts, request);
  return { ...proper, headers: { ...CORS, ...proper.headers } };
}

function route(parts: Parts, request: ReceivedRequest): Proper {
  const route = ROUTES[request.path];
  try {
    return route ? route(parts, request) : discoveryAnswer(parts, request);
  } catch (error) {
    if (error instanceof Refusal) return error.answer(parts.profile);
    throw error;
  }
}

const ROUTES: Readonly<Record<string, Route>> = {
  "/.well-known/openid-configuration": (parts) => ({ status: 200, body: metadata(parts) }),
  ...OAUTH_ROUTES,
  "/link": linkPage,
  [SIMULATOR_PATH]: simulatorRoute,
  "/_matrix/client/versions": ({ profile }) => ({ status: 200, body: { versions: profile.discovery.versions } }),
  "/_matrix/client/v3/account/whoami": whoami,
};

function discoveryAnswer(parts: Parts, { path }: ReceivedRequest): Proper {
  const { rungs, maxAge } = parts.profile.discovery;
  const found = discoveryAnswers(parts.place, metadata(parts), rungs)[path];
  if (!found) return matrixError(404, "M_UNRECOGNIZED", "Unrecognized request");
  return { ...found(), ...(maxAge !== undefined && { headers: { "cache-control": `public, max-age=${maxAge}` } }) };
}

function metadata(parts: Parts): Proper["body"] {
  const { profile, place, switches } = parts;
  const { baseUrl, issuer } = place;
  const isOffered = hasDeviceGrant(parts) || switches.has("device_grant_refused");
  return {
    issuer,
    authorization_endpoint: `${baseUrl}/oauth2/authorize`,
    token_endpoint: `${baseUrl}/oauth2/token`,
    revocation_endpoint: `${baseUrl}/oauth2/revoke`,
    registration_endpoint: `${baseUrl}/oauth2/registration`,
    ...(isOffered && { device_authorization_endpoint: `${baseUrl}/oauth2/device` }),
    response_types_supported: ["code"],
    response_modes_supported: ["query", "fragment"],
    grant_types_supported: grantsOf(parts),
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none"],
    account_management_uri: `${baseUrl}/account`,
    ...profile.discovery.metadata,
  };
}

function whoami({ place, profile, sessions, situation, switches }: Parts, { headers }: ReceivedRequest): Proper {
  const value = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  if (value === undefined) return matrixError(401, "M_MISSING_TOKEN", "Missing access token");
  const session = sessions.use(value);
  const { softLogout } = profile.homeserver;
  if (!session) return matrixError(401, "M_UNKNOWN_TOKEN", "Token is not active", { soft_logout: softLogout });
  if (situation.accountLocked || switches.has("account_locked"))
    return matrixError(401, "M_USER_LOCKED", "The account is locked", { soft_logout: true });
  const { person, device } = session;
  const who = { user_id: `@${person}:${place.serverName}`, is_guest: false };
  return { status: 200, body: { ...who, ...(device !== undefined && { device_id: device }) } };
}
