import type { Provider } from "../../provider.ts";
import { GITEA_FAMILY } from "./gitea-family.ts";

export const forgejo = {
  docs: "https://forgejo.org/docs/latest/user/oauth2-provider/",
  ...GITEA_FAMILY,
  id: "forgejo",
} as const satisfies Provider;
