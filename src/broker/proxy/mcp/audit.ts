import { callsIn, type Exchange, toolOf } from "./exchange.ts";

/** Characters: no tool's name has more, and the log is no place for a caller's texts. */
const LONGEST_NAME = 128;

/**
 * MCP-G4: one line for each call of a tool, without its arguments; `status` is the server's, or what became of the call here.
 * To be told once, when the call is over.
 */
export function auditOf(exchange: Exchange): (status: string | number) => void {
  const { context, found, request } = exchange;
  const { clock, log, metrics } = context;
  // What is told at the end of a stream holds neither the request nor the grant that was read for it.
  const about = { mount: found.mount, id: found.id, server: request.server };
  const tools = callsIn(exchange).map(toolOf);
  const started = clock.monotonic();
  return (status) => {
    const milliseconds = Math.round(clock.monotonic() - started);
    for (const tool of tools) {
      const name = tool.slice(0, LONGEST_NAME).toWellFormed();
      log.info("mcp_call", { ...about, tool: name, status, milliseconds });
      metrics.toolCalled(about.server, name, typeof status !== "number" || status >= 400);
    }
  };
}
