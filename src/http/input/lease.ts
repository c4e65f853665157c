import { badRequest } from "../answer/http-error.ts";
import { parseDurationSeconds } from "./duration.ts";

/** Of what Vault's CLI puts into a map: `"0s"`, or a number of seconds; 0 where there is none. */
export function leaseIn(config: Readonly<Record<string, unknown>>, name: string): number {
  const { [name]: given } = config;
  if (given === undefined || given === null || given === "") return 0;
  const seconds = typeof given === "object" ? undefined : parseDurationSeconds(String(given));
  if (seconds === undefined || seconds < 0) throw badRequest(`${name} must be a duration such as "1h"`);
  return seconds;
}
