import type { Quirks } from "../../../protocol/quirks.ts";

/**
 * What Entra's token endpoint says, for whichever tenant: `user.read` is answered by `User.Read`, and its own codes are in
 * "Expected errors" of v2-oauth2-device-code and "Error codes for token endpoint errors" of v2-oauth2-auth-code-flow.
 */
export const MICROSOFT_QUIRKS = {
  scopePrefixes: ["https://graph.microsoft.com/"],
  scopeCase: "ignored",
  errorCodes: {
    authorization_declined: "access_denied",
    bad_verification_code: "invalid_grant",
    interaction_required: "invalid_grant",
  },
} as const satisfies Quirks;
