import { VERIFICATION_HOSTS } from "./generic-options.ts";
import { MATRIX_HOMESERVER } from "./matrix-homeserver.ts";
import type { Provider } from "./provider.ts";
import { ROTATION } from "./rotation.ts";

export const matrix = {
  docs: "https://spec.matrix.org/latest/client-server-api/#oauth-20-api",
  id: "matrix",
  version: 1,
  apiServer: MATRIX_HOMESERVER,
  options: {
    homeserver: { kind: "text" },
    homeservers: { kind: "names", invalid: "expected *, *.example.org or example.org, not" },
    client_metadata: { kind: "object" },
    registration: { kind: "choice", choices: ["per_flow", "reuse"], default: "per_flow" },
    scope_form: { kind: "choice", choices: ["auto", "stable", "unstable"], default: "auto" },
    rotation: ROTATION,
    verification_hosts: VERIFICATION_HOSTS,
  },
  credentialOptions: {
    homeserver: { kind: "text" },
    device_id: {
      kind: "text",
      pattern: "[A-Za-z0-9._~-]{10,255}",
      invalid: "must be 10 to 255 characters of A-Z a-z 0-9 . _ ~ -",
    },
    user_id: { kind: "text", pattern: "@[^:\\s]{1,240}:\\S{1,250}", invalid: "must be like @name:example.org" },
    login_hint: { kind: "text" },
  },
  rotationOption: "rotation",
  showsUserAgent: true,
  verificationPages: "issuer",
  expiryHint: "the server's page may have shown an error",
  quirks: { errorMember: "errcode", retryAfterMember: "retry_after_ms", slowDownStatus: 429 },
  rotation: { kind: "strict" },
} as const satisfies Provider;
