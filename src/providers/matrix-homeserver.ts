import type { ApiServer } from "./api-server.ts";
import { MATRIX_CLIENT } from "./matrix-client.ts";
import { MATRIX_LADDER } from "./matrix-ladder.ts";

/** https://spec.matrix.org/latest/client-server-api/#oauth-20-api */
export const MATRIX_HOMESERVER = {
  option: "homeserver",
  open: "homeservers",
  ladder: MATRIX_LADDER,
  scopes: {
    stable: ["urn:matrix:client:api:*", "urn:matrix:client:device:{device_id}"],
    unstable: ["urn:matrix:org.matrix.msc2967.client:api:*", "urn:matrix:org.matrix.msc2967.client:device:{device_id}"],
  },
  client: MATRIX_CLIENT,
  account: {
    path: "/_matrix/client/v3/account/whoami",
    account: "user_id",
    device: "device_id",
    error: "errcode",
    locked: "M_USER_LOCKED",
  },
  device: {
    // MX-S3.
    alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    length: 12,
    actions: ["device_view", "device_delete", "session_view", "session_end"].flatMap((action) => [
      action,
      `org.matrix.${action}`,
    ]),
  },
  link: {
    // MX-C2: away from servers' logs and other pages' view; a loopback listener sees no fragment.
    responseModes: { https: "fragment", other: "query" },
    optionalPrompts: ["create"],
    hintPrefixes: { "@": "mxid:" },
  },
  dialect: {
    prefix: "/_matrix/",
    // A state key, an event type or a user id may be anything.
    dataInPaths: true,
    errors: {
      ended: { errcode: "M_UNKNOWN_TOKEN" },
      absent: { errcode: "M_UNRECOGNIZED" },
      limited: { errcode: "M_LIMIT_EXCEEDED" },
      unavailable: { errcode: "M_UNKNOWN" },
    },
  },
} as const satisfies ApiServer;
