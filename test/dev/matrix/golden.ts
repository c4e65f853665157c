import type { ProfileName } from "../../../src/dev/matrix/profile.ts";
import type { SCENARIOS } from "./scenarios.ts";

/** One text: at all of them; else in the order of `COLUMNS`. */
export type Outcomes =
  | string
  | readonly [spec: string, mas: string, masNext: string, tuwunel: string, continuwuity: string];

export const COLUMNS: readonly ProfileName[] = ["spec", "mas-1.22", "mas-next", "tuwunel", "continuwuity"];

/** Scenario → its rule or section in the Matrix specification of this project, and what comes of it at each kind of server. */
export const GOLDEN: Readonly<Record<keyof typeof SCENARIOS, readonly [rule: string, outcomes: Outcomes]>> = {
  versions: ["MX-D4", ["v1.15,v1.18", "v1.11,v1.12", "v1.11,v1.12", "v1.15", "v1.15"]],
  "rung a": ["MX-D5", "200"],
  "rung b": ["MX-D5", ["404 M_UNRECOGNIZED", "200", "200", "200", "404 M_UNRECOGNIZED"]],
  "rung c": ["MX-D5", ["404 M_UNRECOGNIZED", "200", "200", "200", "404 M_UNRECOGNIZED"]],
  "rung c under v1": [
    "MX-D5",
    ["404 M_UNRECOGNIZED", "404 M_UNRECOGNIZED", "404 M_UNRECOGNIZED", "200", "404 M_UNRECOGNIZED"],
  ],
  "rung d": ["MX-D5", "false"],
  "metadata may be kept": ["MX-D12", ["unsaid", "public, max-age=600", "public, max-age=600", "unsaid", "unsaid"]],
  "issuer ends in a slash": ["MX-V5", ["true", "true", "true", "false", "true"]],
  "account actions": [
    "MX-A1",
    [
      ".profile .devices_list .device_view .device_delete .cross_signing_reset .account_deactivate",
      ".profile .devices_list .device_view .device_delete .cross_signing_reset .sessions_list sessions_list .session_view session_view .session_end session_end",
      ".profile .devices_list .device_view .device_delete .cross_signing_reset .sessions_list sessions_list .session_view session_view .session_end session_end",
      ".profile .devices_list .device_view .device_delete .cross_signing_reset",
      ".profile .devices_list .device_view .device_delete .cross_signing_reset .account_deactivate",
    ],
  ],
  "create is a prompt": ["MX-V3", ["true", "true", "true", "false", "false"]],
  "default body": ["MX-R1", "201"],
  "device grant alone": ["section 13", ["201", "201", "201", "400 invalid_client_metadata", "201"]],
  "no response type": ["section 5", ["201", "201", "201", "400 invalid_client_metadata", "201"]],
  "client_uri over http": ["MX-R2", "400 invalid_client_metadata"],
  "client_uri with user information": ["MX-R2", "400 invalid_client_metadata"],
  "client_uri is an IP address": ["MX-R2", ["201", "201", "201", "201", "400 invalid_client_metadata"]],
  "client_uri is localhost": [
    "MX-R2",
    ["201", "400 invalid_client_metadata", "400 invalid_client_metadata", "201", "201"],
  ],
  "client_uri is a public suffix": [
    "MX-R2",
    ["201", "400 invalid_client_metadata", "400 invalid_client_metadata", "201", "201"],
  ],
  "logo on another host": ["MX-R2", "400 invalid_client_metadata"],
  "logo below the host": ["MX-R2", "201"],
  "logo of one language on another host": ["MX-R2", "400 invalid_client_metadata"],
  "@ in a path": ["MX-R2", ["201", "400 invalid_client_metadata", "400 invalid_client_metadata", "201", "201"]],
  "loopback with port": [
    "MX-R2",
    ["400 invalid_redirect_uri", "201", "201", "400 invalid_redirect_uri", "400 invalid_redirect_uri"],
  ],
  "redirect URI with fragment": ["MX-R2", "400 invalid_redirect_uri"],
  "private scheme": ["MX-R2", "201"],
  "private scheme without slash": [
    "MX-R2",
    ["201", "400 invalid_redirect_uri", "400 invalid_redirect_uri", "201", "201"],
  ],
  "private scheme with authority": ["MX-R2", "400 invalid_redirect_uri"],
  "private scheme of somebody else": ["MX-R2", "400 invalid_redirect_uri"],
  "native, https": ["MX-R2", "201"],
  "web, https": ["MX-R2", "201"],
  "web, another host": ["MX-R2", "400 invalid_redirect_uri"],
  "web, loopback": ["MX-R2", "400 invalid_redirect_uri"],
  "authentication method unnamed, then a device code": [
    "section 5",
    [
      "201, then 400 unauthorized_client",
      "201, then 401 unauthorized_client",
      "201, then 401 unauthorized_client",
      "201, then 200",
      "201, then 400 unauthorized_client",
    ],
  ],
  "refresh token unnamed, then a login": [
    "section 5",
    ["no refresh token", "no refresh token", "no refresh token", "400 invalid_client_metadata", "a refresh token"],
  ],
  "the same body twice": ["MX-R6", ["new id", "same id", "same id", "new id", "same id"]],
  "another software_version": ["MX-R3", "new id"],
  "alphabet of the client id": ["MX-R4", ["URL-safe", "hex", "hex", "URL-safe", "base64"]],
  "both scopes": ["MX-S1", "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL"],
  "unstable spelling": [
    "MX-S2",
    "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
  ],
  "mixed spelling": [
    "MX-S2",
    [
      "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "page: error, token: 403 authorization_pending",
      "page: error, token: 403 authorization_pending",
      "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
    ],
  ],
  "device scope first": [
    "MX-S4",
    [
      "urn:matrix:client:device:ABCDEFGHIJKL urn:matrix:client:api:*, ABCDEFGHIJKL",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "urn:matrix:client:device:ABCDEFGHIJKL urn:matrix:client:api:*, ABCDEFGHIJKL",
      "urn:matrix:client:device:ABCDEFGHIJKL urn:matrix:client:api:*, ABCDEFGHIJKL",
    ],
  ],
  "openid beside": ["MX-S1", "openid urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL"],
  "unknown scope beside": [
    "MX-S1",
    [
      "device: 400 invalid_scope",
      "page: error, token: 403 authorization_pending",
      "page: error, token: 403 authorization_pending",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "device: 400 invalid_grant",
    ],
  ],
  "unknown scope, approved, until the code ends": [
    "MX-G7",
    [
      "400 invalid_scope",
      "error, 403 authorization_pending, 403 expired_token",
      "error, 403 authorization_pending, 403 expired_token",
      "done, 200, 400 invalid_grant",
      "400 invalid_grant",
    ],
  ],
  "device id of ten characters": ["MX-S3", "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJ, ABCDEFGHIJ"],
  "device id of five characters": [
    "MX-S3",
    [
      "device: 400 invalid_scope",
      "page: error, token: 403 authorization_pending",
      "page: error, token: 403 authorization_pending",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDE, ABCDE",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDE, ABCDE",
    ],
  ],
  "device id of four characters": [
    "MX-S3",
    [
      "device: 400 invalid_scope",
      "page: error, token: 403 authorization_pending",
      "page: error, token: 403 authorization_pending",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCD, ABCD",
      "device: 400 invalid_grant",
    ],
  ],
  "device id of nine characters": [
    "MX-S3",
    [
      "device: 400 invalid_scope",
      "page: error, token: 403 authorization_pending",
      "page: error, token: 403 authorization_pending",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHI, ABCDEFGHI",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHI, ABCDEFGHI",
    ],
  ],
  "no device scope": [
    "MX-S1",
    [
      "page: done, token: 400 invalid_scope",
      "urn:matrix:client:api:*, no device",
      "urn:matrix:client:api:*, no device",
      "urn:matrix:client:api:* urn:matrix:client:device:PICKED, PICKED",
      "page: done, token: 400 invalid_grant",
    ],
  ],
  "a device that exists": [
    "MX-S5",
    [
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL, ABCDEFGHIJKL",
      "page: done, token: 400 invalid_scope",
    ],
  ],
  "answer of the code flow as query": ["MX-C2", "true"],
  "answer of the code flow as fragment": ["MX-C2", "true"],
  "code after 59 seconds": ["MX-C3", "200"],
  "code after 60 seconds": ["MX-C3", ["400 invalid_grant", "200", "200", "400 invalid_grant", "400 invalid_grant"]],
  "code after 600 seconds": ["MX-C3", "400 invalid_grant"],
  "code again after 19 seconds": ["MX-C3", "400 invalid_grant, then 200"],
  "code again after 21 seconds": [
    "MX-C3",
    [
      "400 invalid_grant, then 200",
      "400 invalid_grant, then 400 invalid_grant",
      "400 invalid_grant, then 400 invalid_grant",
      "400 invalid_grant, then 200",
      "400 invalid_grant, then 200",
    ],
  ],
  "code with another verifier": ["MX-C4", "400 invalid_grant"],
  "device request of an unknown client": [
    "section 13",
    ["401 invalid_client", "401 invalid_client", "401 invalid_client", "401 invalid_client", "400 invalid_client"],
  ],
  "life of a device code": ["section 9", ["600", "1200", "1200", "1800", "60"]],
  "interval that is said": ["MX-G2", ["5", "5", "5", "5", "unsaid"]],
  "user code": ["section 9", ["AAAA-AAAA", "AAAAAA", "AAAAAA", "AAAAA-AAAAA", "AAAAAA"]],
  "complete URI": ["MX-G3", ["user_code", "none", "none", "user_code", "user_code"]],
  "code entered in lower case": ["section 9", "done"],
  "page opened eleven times": [
    "section 9",
    [
      "page: done, token: 400 authorization_pending",
      "page: done, token: 403 authorization_pending",
      "page: too-many, token: 403 authorization_pending",
      "page: too-many, token: 400 invalid_grant",
      "page: done, token: 400 authorization_pending",
    ],
  ],
  "twelve codes entered, the last a minute later": [
    "section 13",
    [
      "unknown-code, unknown-code, unknown-code",
      "unknown-code, unknown-code, unknown-code",
      "unknown-code, too-many, unknown-code",
      "unknown-code, unknown-code, unknown-code",
      "unknown-code, unknown-code, unknown-code",
    ],
  ],
  "poll while pending": [
    "section 8",
    [
      "400 authorization_pending",
      "403 authorization_pending",
      "403 authorization_pending",
      "400 authorization_pending",
      "400 authorization_pending",
    ],
  ],
  "poll before its time": [
    "section 8",
    ["400 slow_down", "403 authorization_pending", "403 slow_down", "429 slow_down", "400 authorization_pending"],
  ],
  "poll at the old pace after slow_down": [
    "section 8",
    ["400 slow_down", "403 authorization_pending", "403 slow_down", "429 slow_down", "400 authorization_pending"],
  ],
  "poll after a refusal": [
    "section 8",
    [
      "page: done, token: 400 access_denied",
      "page: done, token: 403 access_denied",
      "page: done, token: 403 access_denied",
      "page: done, token: 400 access_denied",
      "page: cannot-refuse, token: 400 authorization_pending",
    ],
  ],
  "poll after the end": [
    "section 8",
    ["400 expired_token", "403 expired_token", "403 expired_token", "400 expired_token", "400 expired_token"],
  ],
  "approval after the end": [
    "MX-G6",
    [
      "page: unknown-code, token: 400 expired_token",
      "page: unknown-code, token: 403 expired_token",
      "page: unknown-code, token: 403 expired_token",
      "page: unknown-code, token: 400 expired_token",
      "page: unknown-code, token: 400 expired_token",
    ],
  ],
  "poll with an unknown code": [
    "section 8",
    ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant", "400 invalid_grant", "400 expired_token"],
  ],
  "poll with a used code": [
    "section 8",
    ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant", "400 invalid_grant", "400 expired_token"],
  ],
  "poll by another client": [
    "section 8",
    ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant", "400 invalid_grant", "400 expired_token"],
  ],
  "poll by an unknown client": [
    "section 8",
    ["401 invalid_client", "401 invalid_client", "401 invalid_client", "401 invalid_client", "400 invalid_client"],
  ],
  "poll by a client without the grant": [
    "section 8",
    [
      "400 unauthorized_client",
      "401 unauthorized_client",
      "401 unauthorized_client",
      "400 invalid_grant",
      "400 unauthorized_client",
    ],
  ],
  "poll while the homeserver is down, and again": [
    "section 8",
    [
      "200, then 400 invalid_grant",
      "500 server_error, then 200",
      "500 server_error, then 200",
      "200, then 400 invalid_grant",
      "200, then 400 expired_token",
    ],
  ],
  "refresh without client_id": [
    "MX-F1",
    ["400 invalid_request", "400 invalid_request", "400 invalid_request", "200", "400 invalid_request"],
  ],
  "refresh by another client": [
    "MX-R6",
    ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant", "200", "500 server_error"],
  ],
  "refresh again, nothing used": [
    "section 9",
    [
      "new access, new refresh",
      "new access, new refresh",
      "new access, new refresh",
      "new access, same refresh",
      "400 invalid_grant",
    ],
  ],
  "refresh again after 16 seconds": [
    "section 9",
    [
      "new access, new refresh",
      "new access, new refresh",
      "new access, new refresh",
      "400 invalid_grant",
      "400 invalid_grant",
    ],
  ],
  "refresh again, the new access token was used": ["section 9", "400 invalid_grant"],
  "refresh again, the new refresh token was used": ["section 9", "400 invalid_grant"],
  "the session after a late replay": ["section 9", ["200", "200", "200", "400 invalid_grant", "200"]],
  "the lost pair after a good replay": [
    "section 9",
    ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant", "200", "no good replay"],
  ],
  "life of an access token": ["section 9", ["300", "300", "300", "604800", "3600"]],
  "scope in the answer to a refresh": [
    "MX-S4",
    [
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL",
      "unsaid",
      "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL",
    ],
  ],
  "the old access token after a refresh": ["section 9", "401 M_UNKNOWN_TOKEN"],
  "whoami after its time": [
    "MX-U1",
    [
      "401 M_UNKNOWN_TOKEN, soft_logout true",
      "401 M_UNKNOWN_TOKEN, soft_logout false",
      "401 M_UNKNOWN_TOKEN, soft_logout false",
      "401 M_UNKNOWN_TOKEN, soft_logout true",
      "401 M_UNKNOWN_TOKEN, soft_logout true",
    ],
  ],
  "whoami of a locked account": ["MX-U4", "401 M_USER_LOCKED"],
  "revoke the refresh token": ["MX-L1", "200, then 401 M_UNKNOWN_TOKEN"],
  "revoke after whoami, and whoami for two minutes": [
    "MX-L3",
    ["401, then 401", "200, then 401", "200, then 401", "401, then 401", "401, then 401"],
  ],
  "revoke an expired access token": [
    "MX-L1",
    ["200, then 200", "200, then 200", "200, then 200", "200, then 200", "400 invalid_grant, then 200"],
  ],
  "revoke under the wrong hint": [
    "MX-L1",
    [
      "200, then 400 invalid_grant",
      "200, then 200",
      "200, then 200",
      "200, then 400 invalid_grant",
      "200, then 400 invalid_grant",
    ],
  ],
  "revoke as another client": ["MX-L1", ["200", "401 unauthorized_client", "401 unauthorized_client", "200", "200"]],
  "revoke an unknown token": ["MX-L2", ["200", "200", "200", "200", "400 invalid_grant"]],
  "log out the old way": ["MX-L2", "404 M_UNRECOGNIZED"],
};
