import type { Provider } from "../../provider.ts";
import { GITEA_FAMILY } from "./gitea-family.ts";

export const codeberg = {
  ...GITEA_FAMILY,
  docs: "https://docs.codeberg.org/integrations/keycloak/",
  id: "codeberg",
  options: { ...GITEA_FAMILY.options, base_url: { kind: "url", default: "https://codeberg.org" } },
} as const satisfies Provider;
