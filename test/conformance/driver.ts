/**
 * What the conformance suite starts as the client: the official SDK, whose server is `coatcheck mcp URL`. It calls every tool
 * that is listed, and plays the browser: it opens the address that it is shown, and follows it to the loopback.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ElicitResult, type Tool } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { serverNameOf } from "../../src/mcp/server-name.ts";
import { BIN } from "../support/bin.ts";

const url = process.argv.at(-1) ?? "";
const { MCP_CONFORMANCE_PROTOCOL_VERSION: version = "2025-11-25", MCP_CONFORMANCE_CONTEXT: context = "{}" } =
  process.env;
/** A server that wants a sign-in again and again is left alone after so many calls. */
const MOST_CALLS = 20;

interface Call {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

const { toolCalls = [], client_id, client_secret, private_key_pem } = JSON.parse(context);
const isOwn = (process.env.MCP_CONFORMANCE_SCENARIO ?? "").startsWith("auth/client-credentials");

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

interface Schema {
  readonly type?: unknown;
  readonly properties?: object | undefined;
  readonly required?: readonly string[] | undefined;
}

function exampleArguments({ properties = {}, required = [] }: Schema): Record<string, unknown> {
  const needed = Object.entries(properties).filter(([name]) => required.includes(name));
  return Object.fromEntries(needed.map(([name, inner]) => [name, exampleOf(inner)]));
}

/** Something of each type that a schema asks for. */
function exampleOf(schema: Schema): unknown {
  const { type } = schema;
  if (type === "object") return exampleArguments(schema);
  if (type === "number" || type === "integer") return 3;
  if (type === "boolean") return true;
  return type === "array" ? [] : "text";
}

/** Called until nobody has to sign in any more, or no sign-in helps: a scenario may want just that. */
async function callTool(name: string, args: Record<string, unknown>): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const result = await client.callTool({ name, arguments: args }).catch(async (error) => {
      const { elicitations } = error?.data ?? {};
      if (!Array.isArray(elicitations)) return { isError: true, content: [{ type: "text", text: String(error) }] };
      for (const { url: address } of elicitations) await open(address);
      return undefined;
    });
    const text = JSON.stringify(result ?? "");
    // Errors that no sign-in helps name addresses too, which nobody is to open.
    const [, address] = /\bOpen (https?:\/\/[^\s",]+?)[.:]?(?=[\s",])/.exec(result?.isError ? text : "") ?? [];
    if (result && address === undefined) return console.error(`${name}: ${text.slice(0, 300)}`);
    if (address !== undefined) await open(address);
    await new Promise((done) => setTimeout(done, 300));
  }
  console.error(`${name} still wants a sign-in`);
}

/** A secret is no argument; the file is of this run alone. */
function secretFile(secret: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "coatcheck-secret-")), "secret");
  writeFileSync(path, secret, { mode: 0o600 });
  return path;
}

const env = process.env as Record<string, string>;

function coatcheck(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`coatcheck ${args[0]}: ${stderr}`);
}

/** MCP-G5: the client signs in as itself, which its server record says. */
function signInAsItself(): void {
  const name = serverNameOf(url);
  const secret = private_key_pem
    ? [`client_key=@${secretFile(private_key_pem)}`]
    : [`client_secret=@${secretFile(client_secret)}`, "token_endpoint_auth_method=client_secret_basic"];
  const record = [`provider_options=url=${url}`, "provider_options=grant=client_credentials"];
  const method = private_key_pem ? ["token_endpoint_auth_method=private_key_jwt"] : [];
  const more = [`client_id=${client_id}`, ...secret, ...method, ...record, "allow_sessions=true"];
  coatcheck("write", `oauth2/servers/${name}`, "provider=mcp", ...more);
  coatcheck("login", name);
}

if (isOwn) signInAsItself();
const options = isOwn
  ? []
  : [
      ...(client_id === undefined ? [] : ["--client-id", client_id]),
      ...(client_secret === undefined ? [] : ["--client-secret-file", secretFile(client_secret)]),
      ...["--client-metadata-url", "https://conformance-test.local/client-metadata.json"],
    ];
await client.connect(
  new StdioClientTransport({ command: process.execPath, args: [BIN, "mcp", url, ...options], env, stderr: "inherit" }),
);
/** What is to be called: what the scenario says, else each tool that is listed and was not called yet. */
async function nextCall(called: ReadonlySet<string>): Promise<Call | undefined> {
  const { tools } = await client.listTools();
  const [signIn] = tools.filter(({ name }) => name === "sign_in");
  if (signIn || toolCalls.length > 0) return signIn ? { name: signIn.name, arguments: {} } : undefined;
  const next = tools.find(({ name }) => !called.has(name));
  return next && { name: next.name, arguments: argumentsOf(next, tools) };
}

/** `json-schema-2020-12-preservation` wants to see what the client has read: the schema of its other tool. */
function argumentsOf({ name, inputSchema }: Tool, tools: readonly Tool[]): Record<string, unknown> {
  const other = tools.find((tool) => tool.name !== name);
  if (name === "json_schema_echo" && other) return { schema: other.inputSchema };
  return exampleArguments(inputSchema);
}

const called = new Set<string>();
// A tool list of somebody who has not signed in has one tool, and another one afterwards.
for (let call = await nextCall(called), count = 0; call && count < MOST_CALLS; call = await nextCall(called), count++) {
  await callTool(call.name, call.arguments);
  called.add(call.name);
}
for (const { name, arguments: args } of toolCalls) await callTool(name, args);
await client.close();
