import { invalid } from "../errors.ts";

/** Parameters of the authorization URL that are the broker's own; nobody's map may replace them. */
const RESERVED = [
  "client_id",
  "response_type",
  "redirect_uri",
  "state",
  "code_challenge",
  "code_challenge_method",
  "request",
  "request_uri",
];

/** With the broker's own callback these two as well: it reads a query, and it checks its own nonce. */
const RESERVED_WITH_NAME = [...RESERVED, "response_mode", "nonce"];

export function requireUnreserved(parameters: Readonly<Record<string, string>>, withName: boolean): void {
  const reserved = withName ? RESERVED_WITH_NAME : RESERVED;
  const taken = reserved.find((name) => Object.hasOwn(parameters, name));
  if (taken !== undefined) throw invalid(`auth_url_params must not contain "${taken}"`);
}
