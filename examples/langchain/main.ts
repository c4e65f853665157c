/**
 * Tools of an MCP server behind OAuth for LangChain: pass them to `createAgent({ model, tools })`.
 *
 *     npm install coatcheck && npm install --prefix examples/langchain
 *     COATCHECK_SESSION=… node examples/langchain/main.ts https://broker.example.com https://mcp.example.com/mcp TOOL
 */
import { loadMcpTools } from "@langchain/mcp-adapters";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { resume } from "coatcheck/client";

const [broker = "", url = "", name = ""] = process.argv.slice(2);
const session = resume(process.env.COATCHECK_SESSION ?? "", { broker, origins: [url] });
const client = new Client({ name: "langchain example", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: session.fetch }));
const tools = await loadMcpTools("example", client);
console.log(`Tools: ${tools.map((tool) => tool.name).join(", ")}`);
// What a model does when it chooses the tool.
console.log("Answer:", JSON.stringify(await tools.find((tool) => tool.name === name)?.invoke({})));
await client.close();
