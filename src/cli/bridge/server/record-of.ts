import { serverNameOf } from "../../../mcp/server-name.ts";

export function isUrl(typed: string): boolean {
  return /^https?:\/\//i.test(typed) && URL.canParse(typed);
}

/** What the broker calls a server that a login was made at by its URL. */
export function recordOf(server: string): string {
  return isUrl(server) ? serverNameOf(server) : server;
}
