import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import { REQUEST_OPTIONS } from "../../generic-options.ts";
import type { Provider } from "../../provider.ts";
import { ROTATION } from "../../rotation.ts";
import { DOMAIN } from "../domain.ts";

export const auth0 = {
  docs: "https://auth0.com/docs/get-started/authentication-and-authorization-flow/device-authorization-flow",
  register: "https://manage.auth0.com/#/applications",
  id: "auth0",
  version: 1,
  discovery: "https://{domain}/",
  options: { domain: DOMAIN, extra_data_fields: EXTRA_DATA_FIELDS, ...REQUEST_OPTIONS, rotation: ROTATION },
  deviceAuthentication: false,
  credentialOptions: { nonce: { kind: "text" }, ...REQUEST_OPTIONS },
  openid: true,
  note: "Ask for the scope offline_access to get a refresh token, and name your API with audience: without it the token opens Auth0 alone.",
  quirks: {},
  // Whether it rotates, and with which overlap, is the application's setting.
  rotation: { kind: "strict" },
  rotationOption: "rotation",
} as const satisfies Provider;
