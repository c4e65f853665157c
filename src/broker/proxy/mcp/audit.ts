import { callsIn, type Exchange, toolOf } from "./exchange.ts";

/** Characters: no tool's name has more, and the log is no place for a caller's texts. */
const LONGEST_NAME = 128;

/**
 * MCP-G4: one line for each call of a tool, without its arguments; `status` is the server's, or what became of the call here.
 * To be told once, when the call is over.
 */
export function auditOf(exchange: Exchange): (status: string | number) => void {
  const { context, found, request } = exchange;
  const tools = callsIn(exchange).map(toolOf);
  const started = context.clock.monotonic();
  return (status) => {
    const milliseconds = Math.round(context.clock.monotonic() - started);
    const { mount, id } = found;
    for (const tool of tools) {
      const name = tool.slice(0, LONGEST_NAME).toWellFormed();
      context.log.info("mcp_call", { mount, id, server: request.server, tool: name, status, milliseconds });
    }
  };
}
