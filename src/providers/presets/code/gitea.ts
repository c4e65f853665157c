import type { Provider } from "../../provider.ts";
import { GITEA_FAMILY } from "./gitea-family.ts";

export const gitea = {
  ...GITEA_FAMILY,
  docs: "https://docs.gitea.com/development/oauth2-provider",
  id: "gitea",
} as const satisfies Provider;
