import type { Provider } from "../../provider.ts";
import { ROTATION } from "../../rotation.ts";

/** Gitea, and what descends from it: the same at each place where it is hosted, which is `base_url`. */
export const GITEA_FAMILY = {
  register: "{base_url}/user/settings/applications",
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
} as const satisfies Omit<Provider, "id" | "docs">;
