import type { OptionRule } from "../provider.ts";

/** The host of a customer's own tenant. */
export const DOMAIN = {
  kind: "text",
  about: "the host of your tenant, such as `example.eu.auth0.com`",
  required: "domain is required: the host of your tenant",
  pattern: "(?=.*\\.)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?",
  invalid: "must be a host name, without https:// and path",
} as const satisfies OptionRule;

/** The first label of a customer's host below `parent`. */
export const subdomain = (parent: string) =>
  ({
    kind: "text",
    about: `what stands before .${parent}`,
    required: `is required: what stands before .${parent}`,
    pattern: "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
    invalid: `must be what stands before .${parent}`,
  }) as const satisfies OptionRule;
