/**
 * What the conformance suite starts as the client: the official SDK, whose server is `coatcheck mcp URL`. It calls every tool
 * that is listed, and plays the browser: it opens the address that it is shown, and follows it to the loopback.
 */
import { Client, type ElicitResult } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { BIN } from "../support/bin.ts";

const url = process.argv.at(-1) ?? "";
const { MCP_CONFORMANCE_PROTOCOL_VERSION: version = "2025-11-25", MCP_CONFORMANCE_CONTEXT: context = "{}" } =
  process.env;
const { toolCalls = [], client_id, client_secret } = JSON.parse(context);

/** The page redirects at once: to the loopback of who asked, where the login ends. */
async function open(address: string): Promise<void> {
  let next: string | null = address;
  for (let hops = 0; next !== null && hops < 5; hops++) {
    const answer: Response = await fetch(next, { redirect: "manual" });
    const location = answer.headers.get("location");
    await answer.body?.cancel();
    next = location === null ? null : new URL(location, next).href;
  }
}

const client = new Client(
  { name: "coatcheck-conformance", version: "1.0.0" },
  {
    capabilities: { elicitation: { form: { applyDefaults: true }, url: {} }, sampling: {}, roots: {} },
    ...(version >= "2026-07-28" && { versionNegotiation: { mode: { pin: version } } }),
  },
);
client.setRequestHandler("elicitation/create", async ({ params }): Promise<ElicitResult> => {
  if (params.mode === "url") await open(params.url);
  return { action: "accept", content: {} };
});

/** Something of each type that a schema asks for. */
function exampleOf(schema: { type?: string; properties?: object; required?: string[] }): unknown {
  const { type, properties = {}, required = [] } = schema;
  if (type === "object") {
    return Object.fromEntries(
      Object.entries(properties).flatMap(([name, inner]) =>
        required.includes(name) ? [[name, exampleOf(inner)]] : [],
      ),
    );
  }
  if (type === "number" || type === "integer") return 3;
  if (type === "boolean") return true;
  return type === "array" ? [] : "text";
}

/** Called until nobody has to sign in any more. */
async function callTool(name: string, args: Record<string, unknown>): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const result = await client.callTool({ name, arguments: args }).catch(async (error) => {
      const { elicitations } = error?.data ?? {};
      if (!Array.isArray(elicitations)) throw error;
      for (const { url: address } of elicitations) await open(address);
      return undefined;
    });
    const text = JSON.stringify(result ?? "");
    const [address] = /https?:\/\/[^\s"]+/.exec(result?.isError ? text : "") ?? [];
    if (result && address === undefined) return console.error(`${name}: ${text.slice(0, 300)}`);
    if (address !== undefined) await open(address);
    await new Promise((done) => setTimeout(done, 300));
  }
  throw new Error(`${name} still wants a sign-in`);
}

const options = [
  ...(client_id === undefined ? [] : ["--client-id", client_id]),
  ...["--client-metadata-url", "https://conformance-test.local/client-metadata.json"],
];
const env = { ...process.env, ...(client_secret && { COATCHECK_CLIENT_SECRET: client_secret }) } as Record<
  string,
  string
>;
await client.connect(
  new StdioClientTransport({ command: process.execPath, args: [BIN, "mcp", url, ...options], env, stderr: "inherit" }),
);
const { tools } = await client.listTools();
const calls =
  toolCalls.length > 0
    ? toolCalls
    : tools.map(({ name, inputSchema }) => ({ name, arguments: exampleOf(inputSchema as never) }));
for (const { name, arguments: args } of calls) await callTool(name, args);
await client.close();
