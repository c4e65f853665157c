import { createPolicies } from "./access/policies.ts";
import type { Access } from "./access.ts";
import type { Context } from "./process/context.ts";

/** The use cases of access, bound to what they work with. */
export function createAccess(context: Context): Access {
  return { policies: createPolicies(context) };
}
