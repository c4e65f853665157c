/**
 * Tools of an MCP server behind OAuth for Vercel's AI SDK: pass them to `generateText({ model, tools })`.
 *
 *     npm install coatcheck @ai-sdk/mcp
 *     COATCHECK_SESSION=… node examples/ai-sdk.ts https://broker.example.com https://mcp.example.com/mcp TOOL
 */
import { createMCPClient } from "@ai-sdk/mcp";
import { resume } from "coatcheck/client";

const [broker = "", url = "", name = ""] = process.argv.slice(2);
const session = resume(process.env.COATCHECK_SESSION ?? "", { broker, origins: [url] });
const client = await createMCPClient({ transport: { type: "http", url, fetch: session.fetch } });
const tools = await client.tools();
console.log(`Tools: ${Object.keys(tools).join(", ")}`);
// What a model does when it chooses the tool.
const answer = await tools[name]?.execute?.({}, { toolCallId: "1", messages: [], context: {} });
console.log("Answer:", JSON.stringify(answer));
await client.close();
