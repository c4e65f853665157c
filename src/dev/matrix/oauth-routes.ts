import type { Proper } from "../proper.ts";
import type { ReceivedRequest } from "../server.ts";
import { DEVICE_CODE } from "./clients.ts";
import type { Parts } from "./parts.ts";
import { Refusal } from "./refusal.ts";
import { grantScopes, readScopes } from "./scopes.ts";
import { matrixError } from "./wire.ts";

/** The authorization server's endpoints but its metadata; each throws `Refusal`. */
export const OAUTH_ROUTES = {
  "/oauth2/registration": register,
  "/oauth2/authorize": ({ clients, codeFlow, situation }, { target }) =>
    codeFlow.authorize(target, clients, situation.person),
  "/oauth2/device": device,
  "/oauth2/token": token,
  "/oauth2/revoke": revoke,
} as const satisfies Readonly<Record<string, (parts: Parts, request: ReceivedRequest) => Proper>>;

/** The grants on offer. */
export function grantsOf(parts: Parts): readonly string[] {
  return ["authorization_code", "refresh_token", ...(hasDeviceGrant(parts) ? [DEVICE_CODE] : [])];
}

/** Whether it is there at all; a server may offer it all the same. */
export function hasDeviceGrant({ options, switches }: Pick<Parts, "options" | "switches">): boolean {
  const isOff = switches.has("no_device_grant") || switches.has("device_grant_refused");
  return options.deviceGrant !== false && !isOff;
}

function register(parts: Parts, { body, headers }: ReceivedRequest): Proper {
  const { clients, options } = parts;
  const { initialAccessToken } = options;
  if (initialAccessToken !== undefined && headers.authorization !== `Bearer ${initialAccessToken}`) {
    return matrixError(403, "M_FORBIDDEN", "A valid initial access token is required");
  }
  const asked: unknown = parseJson(body);
  if (typeof asked !== "object" || asked === null) throw new Refusal("invalid_client_metadata", "not a JSON object");
  return { status: 201, body: clients.register(asked as Proper["body"], grantsOf(parts)) };
}

function device(parts: Parts, { form }: ReceivedRequest): Proper {
  const { clients, deviceCodes, place, profile } = parts;
  if (!hasDeviceGrant(parts)) throw new Refusal("invalid_request", "the device grant is switched off");
  const client = clients.authenticated(form, DEVICE_CODE);
  const asked = readScopes(form.get("scope") ?? "", profile.scopes);
  return { status: 200, body: deviceCodes.start(client.id, asked, `${place.baseUrl}/link`) };
}

function token(parts: Parts, { form }: ReceivedRequest): Proper {
  switch (form.get("grant_type")) {
    case DEVICE_CODE:
      return { status: 200, body: redeemDeviceCode(parts, form) };
    case "authorization_code":
      return { status: 200, body: redeemCode(parts, form) };
    case "refresh_token":
      return refresh(parts, form);
    default:
      throw new Refusal("unsupported_grant_type", "this grant type is not known");
  }
}

function redeemDeviceCode(parts: Parts, form: URLSearchParams): Proper["body"] {
  const { clients, deviceCodes, profile, sessions, situation } = parts;
  if (!hasDeviceGrant(parts)) throw new Refusal("unsupported_grant_type", "the device grant is switched off");
  const client = clients.authenticated(form, DEVICE_CODE);
  const approved = deviceCodes.poll(form.get("device_code") ?? "", client.id);
  if (profile.homeserver.separate && situation.homeserverDown) {
    throw new Refusal("server_error", "failed to provision device");
  }
  const granted = grantScopes(approved.asked, profile.scopes);
  const login = { clientId: client.id, person: approved.person, ...granted };
  const answered = sessions.start(login, clients.refreshes(client));
  approved.spend();
  return answered;
}

function redeemCode({ clients, codeFlow, profile, sessions }: Parts, form: URLSearchParams): Proper["body"] {
  const client = clients.authenticated(form, "authorization_code");
  return codeFlow.redeem(form, client.id, {
    start: (asked, person) => {
      const login = { clientId: client.id, person, ...grantScopes(asked, profile.scopes) };
      return sessions.start(login, true);
    },
    end: (accessToken) => sessions.end(accessToken),
  });
}

function refresh({ clients, profile, sessions, switches }: Parts, form: URLSearchParams): Proper {
  const clientId = form.get("client_id");
  if (profile.refresh.clientId !== "ignored") {
    if (clientId === null) throw new Refusal("invalid_request", "client_id is missing");
    clients.authenticated(form, "refresh_token");
  }
  const value = form.get("refresh_token") ?? "";
  const isLost = switches.has("lost_answer") && !sessions.wasUsed(value);
  const body = sessions.refresh(value, clientId ?? "");
  return isLost ? { status: 502, body: {}, html: "Bad Gateway" } : { status: 200, body };
}

function revoke({ profile, sessions }: Parts, { form }: ReceivedRequest): Proper {
  const value = form.get("token") ?? "";
  const { clientIdChecked, unknownRefused } = profile.revocation;
  const issuedTo = sessions.of(value)?.clientId ?? form.get("client_id");
  if (clientIdChecked && issuedTo !== form.get("client_id")) {
    throw new Refusal("unauthorized_client", "the token belongs to another client");
  }
  const found = sessions.revoke(value, form.get("token_type_hint"));
  if (!found && unknownRefused) throw new Refusal("invalid_grant", "no such token");
  return { status: 200, body: {} };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
