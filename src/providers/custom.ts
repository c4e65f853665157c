import type { Provider } from "./provider.ts";
import { ROTATION } from "./rotation.ts";
import { TOKEN_PATH } from "./token-path.ts";
import { VERIFICATION_HOSTS } from "./verification-hosts.ts";

export const custom = {
  docs: "https://www.rfc-editor.org/rfc/rfc6749",
  id: "custom",
  version: 2,
  endpoints: {
    issuer: "{issuer}",
    authorization: "{auth_code_url}",
    token: "{token_url}",
    deviceAuthorization: "{device_code_url}",
    revocation: "{revocation_url}",
  },
  options: {
    token_url: { kind: "url", required: "token URL is required" },
    auth_code_url: { kind: "url" },
    device_code_url: { kind: "url" },
    revocation_url: { kind: "url" },
    issuer: { kind: "url" },
    scope_separator: { kind: "text" },
    rotation: ROTATION,
    token_path: TOKEN_PATH,
    verification_hosts: VERIFICATION_HOSTS,
    auth_style: {
      kind: "choice",
      choices: ["in_header", "in_params"],
      invalid: 'unknown authentication style; expected one of "in_header" or "in_params"',
    },
  },
  methodOption: { name: "auth_style", methods: { in_header: "client_secret_basic", in_params: "client_secret_post" } },
  separatorOption: "scope_separator",
  quirks: { errorUnderOk: true, formAnswers: true, verificationUrl: true },
  rotation: { kind: "strict" },
  rotationOption: "rotation",
  tokenPathOption: "token_path",
} as const satisfies Provider;
