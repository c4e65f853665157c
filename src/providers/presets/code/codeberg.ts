import type { Provider } from "../../provider.ts";
import { GITEA_FAMILY } from "./gitea-family.ts";

export const codeberg = {
  docs: "https://docs.codeberg.org/integrations/keycloak/",
  ...GITEA_FAMILY,
  id: "codeberg",
  options: { ...GITEA_FAMILY.options, base_url: { kind: "url", default: "https://codeberg.org" } },
} as const satisfies Provider;
