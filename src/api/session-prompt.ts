import { Type } from "typebox";
import { optional, wholeSeconds } from "./answer-field.ts";

/** What a person needs to finish a pending login. */
export const prompt = {
  user_code: optional("The code that the person types; with flow `code` there is none"),
  verification_uri: optional("Where; with flow `code` the provider's authorization URL, to be opened in a browser"),
  redirect_uri: optional(
    "With flow `code`: where the browser comes back to, on the broker's own machine; what it cannot bring is handed in by POST /session/callback",
  ),
  verification_uri_complete: optional("The same address with the code filled in"),
  verification_warning: optional(
    "The page is not on one of the provider's hosts: show this warning and do not open the page automatically",
  ),
  expires_in: Type.Optional(wholeSeconds("Seconds until the login expires")),
  interval: Type.Optional(wholeSeconds("Seconds to wait before asking again")),
};

/** XD-02: of a pending login. */
export const way = {
  flow: Type.Optional(
    Type.Union([Type.Literal("device"), Type.Literal("page"), Type.Literal("code")], {
      description:
        "The provider's device page, the broker's, or (a person's own broker) the provider's authorization page and back to a port of this machine",
    }),
  ),
  flow_reason: Type.Optional(
    Type.Union(
      [
        Type.Literal("device_grant"),
        Type.Literal("no_device_grant"),
        Type.Literal("operator"),
        Type.Literal("program"),
      ],
      { description: "The reason: what the provider supports, or who chose the flow" },
    ),
  ),
};
