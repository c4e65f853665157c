import { type Static, type TSchema, Type } from "typebox";

/** Vault's answer: all eight keys, always (vault-http.md section 2). */
export function envelope<Data extends TSchema>(data: Data) {
  return Type.Object({
    request_id: Type.String(),
    lease_id: Type.Literal(""),
    renewable: Type.Literal(false),
    lease_duration: Type.Integer({ description: "Remaining lifetime of the token in seconds; 0 = it does not expire" }),
    data,
    wrap_info: Type.Null(),
    warnings: Type.Union([Type.Array(Type.String()), Type.Null()]),
    auth: Type.Null(),
  });
}

/** Success with nothing to say but warnings. */
export const WarningsEnvelope = envelope(Type.Null());

/** Why a credential is not usable, beside `errors` (oauthapp.md 1.2). */
export const ErrorData = Type.Object({
  status: Type.Optional(Type.Union([Type.Literal("pending"), Type.Literal("issued"), Type.Literal("failed")])),
  reason: Type.Optional(Type.String({ description: "Stable reason code" })),
  provider_error: Type.Optional(Type.String({ description: "The provider's own error code" })),
  user_code: Type.Optional(Type.String()),
  verification_uri: Type.Optional(Type.String()),
  verification_uri_complete: Type.Optional(Type.String()),
  url: Type.Optional(Type.String({ description: "Authorization link" })),
  expire_time: Type.Optional(Type.String({ format: "date-time" })),
  interval: Type.Optional(Type.Integer({ description: "Seconds" })),
});
export type ErrorData = Static<typeof ErrorData>;

export const Errors = Type.Object({ errors: Type.Array(Type.String()), data: Type.Optional(ErrorData) });
export type Errors = Static<typeof Errors>;

/** The data of a finished device authorization request: a pending credential with what a person needs. */
export const PendingData = Type.Object({
  status: Type.Literal("pending"),
  user_code: Type.Optional(Type.String()),
  verification_uri: Type.Optional(Type.String()),
  verification_uri_complete: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
  expire_time: Type.String({ format: "date-time" }),
  interval: Type.Optional(Type.Integer({ description: "Seconds" })),
});
export type PendingData = Static<typeof PendingData>;
