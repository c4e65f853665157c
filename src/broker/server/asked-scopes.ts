import type { Grant } from "../../credential/index.ts";

/** MCP-T3: what a login has asked for: what it was told to, else what its server's resource usually wants (MCP-L4). */
export function askedScopes({ scopes, binding }: Pick<Grant, "scopes" | "binding">): readonly string[] {
  return scopes.length > 0 ? scopes : (binding?.usualScopes ?? []);
}
