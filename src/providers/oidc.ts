import { EXTRA_DATA_FIELDS } from "./extra-data-fields.ts";
import type { Provider } from "./provider.ts";
import { ROTATION } from "./rotation.ts";
import { TOKEN_PATH } from "./token-path.ts";
import { VERIFICATION_HOSTS } from "./verification-hosts.ts";

export const oidc = {
  docs: "https://openid.net/specs/openid-connect-discovery-1_0.html",
  id: "oidc",
  version: 1,
  discovery: "{issuer_url}",
  options: {
    issuer_url: { kind: "url", required: "issuer URL is required" },
    extra_data_fields: EXTRA_DATA_FIELDS,
    registration: { kind: "choice", choices: ["dynamic"] },
    rotation: ROTATION,
    token_path: TOKEN_PATH,
    verification_hosts: VERIFICATION_HOSTS,
  },
  credentialOptions: { nonce: { kind: "text" } },
  openid: true,
  quirks: { formAnswers: true },
  rotation: { kind: "strict" },
  rotationOption: "rotation",
  tokenPathOption: "token_path",
} as const satisfies Provider;
