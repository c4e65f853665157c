import type { OptionRule } from "./provider.ts";

/** What an OpenID provider's credential may carry beside the token (oauthapp.md section 9). */
export const EXTRA_DATA_FIELDS = {
  kind: "list",
  choices: ["id_token", "id_token_claims", "user_info"],
  invalid: "unknown extra data field",
} as const satisfies OptionRule;
