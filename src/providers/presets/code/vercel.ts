import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import type { Provider } from "../../provider.ts";

export const vercel = {
  docs: "https://vercel.com/docs/sign-in-with-vercel/authorization-server-api",
  register: "https://vercel.com/dashboard",
  id: "vercel",
  version: 1,
  discovery: "https://vercel.com",
  options: { extra_data_fields: EXTRA_DATA_FIELDS },
  openid: true,
  note: "Ask for the scope offline_access to get a refresh token. It wants PKCE: use pkce=S256.",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
