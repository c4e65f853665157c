import type { Provider } from "../../provider.ts";
import { GITEA_FAMILY } from "./gitea-family.ts";

export const gitea = {
  docs: "https://docs.gitea.com/development/oauth2-provider",
  ...GITEA_FAMILY,
  id: "gitea",
} as const satisfies Provider;
