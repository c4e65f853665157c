import type { TestContext } from "node:test";
import { type McpServer, type McpServerOptions, startMcpServer } from "../../servers/mcp/mcp-server.ts";

/** An MCP server for one test. */
export async function mcpServerFor(t: TestContext, options: McpServerOptions = {}): Promise<McpServer> {
  const started = await startMcpServer(options);
  t.after(() => started.close());
  return started;
}
