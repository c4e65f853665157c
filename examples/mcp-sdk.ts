/**
 * The official SDK's client at an MCP server behind OAuth: `session.fetch` is all that it needs. Nothing here knows of
 * metadata, registrations or refresh tokens, and any number of such programs may hold the same session.
 *
 *     npm install coatcheck @modelcontextprotocol/client
 *     node examples/mcp-sdk.ts https://broker.example.com SERVER https://mcp.example.com/mcp TOOL
 *
 * A session from an earlier run is taken from COATCHECK_SESSION.
 */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { login, resume, StepUpError } from "coatcheck/client";

const [broker = "", server = "", url = "", tool = ""] = process.argv.slice(2);
const options = { broker, origins: [url] };
const kept = process.env.COATCHECK_SESSION;
const session = kept
  ? resume(kept, options)
  : await login({
      ...options,
      server,
      onPrompt: ({ verificationUri, userCode }) => console.log(`Open ${verificationUri} and type ${userCode}`),
    });

const client = new Client({ name: "mcp-sdk example", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: session.fetch }));
const { tools } = await client.listTools();
console.log(`Tools: ${tools.map(({ name }) => name).join(", ")}`);
const call = () => client.callTool({ name: tool, arguments: {} });
console.log("Answer:", JSON.stringify((await call().catch(whenAllowed)).content));
await client.close();

/** The server wants more scopes for this tool: a person is asked, and the same call goes through then. */
async function whenAllowed(error: unknown): ReturnType<typeof call> {
  if (!(error instanceof StepUpError) || !error.prompt) throw error;
  console.log(`Open ${error.prompt.verificationUri} and type ${error.prompt.userCode}`);
  await error.ready();
  return call();
}
