import type { Provider } from "../../provider.ts";
import { GITEA_FAMILY } from "./gitea-family.ts";

export const forgejo = {
  ...GITEA_FAMILY,
  docs: "https://forgejo.org/docs/latest/user/oauth2-provider/",
  id: "forgejo",
} as const satisfies Provider;
