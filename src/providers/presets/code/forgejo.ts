import type { Provider } from "../../provider.ts";
import { ROTATION } from "../../rotation.ts";

export const forgejo = {
  docs: "https://forgejo.org/docs/latest/user/oauth2-provider/",
  register: "{base_url}/user/settings/applications",
  id: "forgejo",
  version: 1,
  endpoints: {
    authorization: "{base_url}/login/oauth/authorize",
    token: "{base_url}/login/oauth/access_token",
  },
  options: {
    base_url: { kind: "url", required: "base URL is required, such as https://git.example.com" },
    rotation: ROTATION,
  },
  authMethod: "client_secret_post",
  account: { url: "{base_url}/api/v1/user", members: { subject: "id", name: "login" } },
  quirks: {},
  rotation: { kind: "strict" },
  rotationOption: "rotation",
} as const satisfies Provider;
