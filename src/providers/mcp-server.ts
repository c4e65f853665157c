import type { ApiServer } from "./api-server.ts";

/** https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization */
export const MCP_SERVER = {
  option: "url",
  open: "urls",
  ladder: { kind: "protected-resource", noun: "MCP server" },
  scopes: { stable: [], unstable: [] },
  client: { client_name: "Coatcheck" },
  adapts: true,
  gateway: true,
} as const satisfies ApiServer;
