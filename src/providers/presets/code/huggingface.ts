import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import type { Provider } from "../../provider.ts";

export const huggingface = {
  docs: "https://huggingface.co/docs/hub/oauth",
  register: "https://huggingface.co/settings/applications/new",
  id: "huggingface",
  version: 1,
  discovery: "https://huggingface.co",
  endpoints: { deviceAuthorization: "https://huggingface.co/oauth/device" },
  options: { extra_data_fields: EXTRA_DATA_FIELDS },
  openid: true,
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
