import { type Static, Type } from "typebox";

/** The life of a credential at `creds/:name/history`, oldest attempt first. */
export const HistoryData = Type.Object({
  attempts: Type.Array(
    Type.Object({
      time: Type.String({ format: "date-time" }),
      last_time: Type.Optional(Type.String({ format: "date-time", description: "Of the last of several equal ones" })),
      count: Type.Optional(Type.Integer({ description: "Equal attempts in a row; absent = one" })),
      kind: Type.String({
        description:
          "device, code, import, callback: how it began; poll, refresh, expire; server: its record was written; retry",
      }),
      outcome: Type.String({
        description:
          "started, pending, issued, recovered, late, refused, unavailable, in_doubt, not_tried, expired, cleared",
      }),
      reason: Type.Optional(Type.String({ description: "Stable reason, or the provider's own code" })),
      instance: Type.String({ description: "The process that did it" }),
    }),
  ),
});
export type HistoryData = Static<typeof HistoryData>;
