import type { OptionRule } from "./provider.ts";

/** The server option that names hosts besides the server's own where people may be sent to. */
export const VERIFICATION_HOSTS = { kind: "names", invalid: "expected host names, not" } as const satisfies OptionRule;
