import { type Static, Type } from "typebox";

/** The life of a credential at `creds/:name/history`, oldest attempt first. */
export const HistoryData = Type.Object({
  attempts: Type.Array(
    Type.Object({
      time: Type.String({ format: "date-time" }),
      last_time: Type.Optional(
        Type.String({ format: "date-time", description: "Time of the last of several equal attempts" }),
      ),
      count: Type.Optional(Type.Integer({ description: "Number of equal attempts in a row; absent = one" })),
      kind: Type.String({
        description:
          "device, code, import, callback: how the grant started; poll, refresh, expire; server: the server record was written; retry; id_token: one that waited for its key",
      }),
      outcome: Type.String({
        description:
          "started, pending, issued, recovered, late, refused, unavailable, in_doubt, not_tried, expired, cleared",
      }),
      reason: Type.Optional(Type.String({ description: "Stable reason code, or the provider's own error code" })),
      instance: Type.String({ description: "The process that made the attempt" }),
    }),
  ),
});
export type HistoryData = Static<typeof HistoryData>;
