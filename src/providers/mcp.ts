import { MCP_LOGIN_OPTIONS, MCP_OPTIONS } from "./mcp-options.ts";
import { MCP_SERVER } from "./mcp-server.ts";
import type { Provider } from "./provider.ts";

export const mcp = {
  docs: "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization",
  id: "mcp",
  version: 1,
  apiServer: MCP_SERVER,
  options: MCP_OPTIONS,
  credentialOptions: MCP_LOGIN_OPTIONS,
  rotationOption: "rotation",
  verificationPages: "issuer",
  variants: { use_id_token: { true: { accessTokenMember: "id_token" } } },
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
